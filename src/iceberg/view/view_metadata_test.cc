// SPDX-License-Identifier: Apache-2.0
// The cases are those of the view specification and of Apache's Java library.
#include "iceberg/view/view_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "iceberg/testing/foreign_fixtures.h"
#include "iceberg/view/view_metadata_builder.h"

namespace tarn::iceberg {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr int64_t kNow = 1'700'000'000'000;
const Uuid kUuid = *Uuid::Parse("fa6506c3-7681-40c8-86dc-e36561f83385");

TEST(ViewMetadata, FilesOfOthersLoadAndLoadAgainWhenWrittenBack) {
  const auto root = ForeignFixtures();
  if (!root) GTEST_SKIP() << "the files of other implementations are not beside the checkout";
  std::vector<fs::path> paths = FixturesNamed(*root / "java" / "view", "");
  for (const fs::path& path : FixturesNamed(*root / "rust" / "view_metadata", "")) {
    paths.push_back(path);
  }
  ASSERT_GE(paths.size(), 12U);
  for (const fs::path& path : paths) {
    const std::string text = ReadFixture(path);
    const auto first = ParseViewMetadata(text);
    if (MustBeRefused(path)) {
      EXPECT_FALSE(first) << path;
      continue;
    }
    ASSERT_TRUE(first) << path << ": " << first.error().message;
    const auto written = SerializeViewMetadata(*first);
    ASSERT_TRUE(written) << path;
    EXPECT_EQ(nlohmann::json::parse(*written), nlohmann::json::parse(text)) << path;
  }
}

class ViewUpdateTest : public testing::Test {
 protected:
  using Updates = std::vector<ViewUpdate>;
  using View = std::shared_ptr<const ViewMetadata>;

  static Schema Columns(const char* name) {
    return {.id = SchemaId(7),
            .fields = {{.id = FieldId(1), .name = name, .type = Type::Primitive(TypeKind::kLong)}}};
  }
  static ViewVersion Version(int32_t id, const char* sql, const char* dialect = "spark",
                             int32_t schema_id = kLastAdded) {
    return {.id = ViewVersionId(id),
            .schema_id = SchemaId(schema_id),
            .timestamp_ms = kNow + id,
            .representations = {{.type = "sql", .sql = sql, .dialect = dialect}},
            .default_namespace = {"ns"}};
  }
  static Updates Creation() {
    return {AssignUuid{kUuid},
            UpgradeFormatVersion{1},
            SetLocation{"s3://bucket/view"},
            AddSchema{Columns("a")},
            AddViewVersion{Version(1, "select 1")},
            SetCurrentViewVersion{}};
  }
  static Updates Replacing(ViewVersion version) {
    return {AddViewVersion{std::move(version)}, SetCurrentViewVersion{}};
  }
  static View Apply(const View& base, const Updates& updates) {
    const auto result = ApplyViewUpdates(base, updates, kNow + 1000);
    EXPECT_TRUE(result) << result.error().message;
    return result ? result->metadata : nullptr;
  }
  static std::string Refusal(const View& base, const Updates& updates) {
    const auto result = ApplyViewUpdates(base, updates, kNow + 1000);
    EXPECT_FALSE(result);
    if (result) return "";
    EXPECT_EQ(result.error().kind, ErrorKind::kInvalidArgument);
    return result.error().message;
  }
  static std::vector<int32_t> Ids(const View& view) {
    std::vector<int32_t> ids;
    for (const ViewVersion& version : view->versions) ids.push_back(version.id.value());
    return ids;
  }
  static std::vector<int32_t> Log(const View& view) {
    std::vector<int32_t> ids;
    for (const ViewLogEntry& entry : view->version_log) ids.push_back(entry.version_id.value());
    return ids;
  }

  const View view_ = Apply(nullptr, Creation());
};

TEST_F(ViewUpdateTest, CreationNumbersSchemasFromZero) {
  EXPECT_EQ(view_->schemas[0].id, SchemaId(0));
  EXPECT_EQ(view_->current_version().schema_id, SchemaId(0));
  EXPECT_THAT(Log(view_), ElementsAre(1));
  EXPECT_EQ(view_->version_log[0].timestamp_ms, kNow + 1);
}

TEST_F(ViewUpdateTest, UuidsStay) {
  EXPECT_EQ(Refusal(view_, {AssignUuid{Uuid::Random()}}), "Cannot reassign uuid");
  const auto same = ApplyViewUpdates(view_, Updates{AssignUuid{kUuid}}, kNow);
  ASSERT_TRUE(same);
  EXPECT_FALSE(same->changed);
  EXPECT_EQ(same->metadata, view_);
  const std::vector<ViewRequirement> requirements = {
      AssertViewUuid{*Uuid::Parse("00000000-0000-0000-0000-000000000001")}};
  const auto checked = CheckViewRequirements(*view_, requirements);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(checked.error().message,
            "Requirement failed: view UUID does not match: expected "
            "fa6506c3-7681-40c8-86dc-e36561f83385 != 00000000-0000-0000-0000-000000000001");
}

TEST_F(ViewUpdateTest, VersionsGetTheNextIdAndEqualOnesAreReused) {
  auto view = Apply(view_, Replacing(Version(1, "select 2", "spark", 0)));
  EXPECT_THAT(Ids(view), ElementsAre(1, 2));
  EXPECT_EQ(view->current_version_id, ViewVersionId(2));
  view = Apply(view, Replacing(Version(9, "select 1", "spark", 0)));
  EXPECT_THAT(Ids(view), ElementsAre(1, 2));
  EXPECT_EQ(view->current_version_id, ViewVersionId(1));
  EXPECT_THAT(Log(view), ElementsAre(1, 2, 1));
  // What was made before becomes current now.
  EXPECT_EQ(view->version_log[2].timestamp_ms, kNow + 1000);
  view = Apply(view, Replacing(Version(9, "select 3", "spark", 0)));
  EXPECT_THAT(Ids(view), ElementsAre(1, 2, 9));
}

TEST_F(ViewUpdateTest, VersionsThatDoNotFitAreRefused) {
  EXPECT_EQ(Refusal(view_, Replacing(Version(2, "s", "spark", 7))),
            "Cannot add version with unknown schema: 7");
  EXPECT_EQ(Refusal(view_, Replacing(Version(2, "s"))),
            "Cannot set last added schema: no schema has been added");
  EXPECT_EQ(Refusal(view_, {SetCurrentViewVersion{}}),
            "Cannot set last version id: no current version id has been set");
  EXPECT_EQ(Refusal(view_, {SetCurrentViewVersion{ViewVersionId(5)}}),
            "Cannot set current version to unknown version: 5");
  ViewVersion twice = Version(2, "s", "spark", 0);
  twice.representations.push_back({.type = "sql", .sql = "t", .dialect = "SPARK"});
  EXPECT_EQ(Refusal(view_, Replacing(twice)),
            "Invalid view version: Cannot add multiple queries for dialect spark");
  EXPECT_EQ(Refusal(view_, {UpgradeFormatVersion{0}}), "Cannot downgrade v1 view to v0");
  EXPECT_EQ(Refusal(nullptr, {AssignUuid{kUuid}, SetLocation{"l"}}),
            "Invalid view: no versions were added");
}

TEST_F(ViewUpdateTest, ADialectIsLostOnlyWhereThePropertySaysSo) {
  EXPECT_EQ(Refusal(view_, Replacing(Version(2, "s", "trino", 0))),
            "Cannot replace view due to loss of view dialects (replace.drop-dialect.allowed=false):"
            "\nPrevious dialects: [spark]\nNew dialects: [trino]");
  Updates allowed = Replacing(Version(2, "s", "trino", 0));
  allowed.emplace_back(SetProperties{{{"replace.drop-dialect.allowed", "true"}}});
  EXPECT_EQ(Apply(view_, allowed)->current_version_id, ViewVersionId(2));
}

TEST_F(ViewUpdateTest, TheNewestVersionsStayAndTheLogEndsWithThem) {
  auto view = Apply(view_, {SetProperties{{{"version.history.num-entries", "2"}}}});
  view = Apply(view, Replacing(Version(2, "select 2", "spark", 0)));
  view = Apply(view, Replacing(Version(3, "select 3", "spark", 0)));
  EXPECT_THAT(Ids(view), ElementsAre(2, 3));
  EXPECT_THAT(Log(view), ElementsAre(2, 3));
  // All that are added now stay.
  Updates three;
  for (int32_t id = 4; id < 7; ++id) {
    three.emplace_back(
        AddViewVersion{Version(id, fmt::format("select {}", id).c_str(), "spark", 0)});
  }
  EXPECT_THAT(Ids(Apply(view, three)), ElementsAre(3, 4, 5, 6));
  EXPECT_EQ(Refusal(view, {SetProperties{{{"version.history.num-entries", "0"}}}}),
            "version.history.num-entries must be positive but was 0");
}

TEST(ViewUpdateJson, EveryUpdateIsReadAndWrittenBack) {
  const auto json = nlohmann::json::parse(R"json([
    {"action":"assign-uuid","uuid":"fa6506c3-7681-40c8-86dc-e36561f83385"},
    {"action":"upgrade-format-version","format-version":1},
    {"action":"add-schema","schema":{"type":"struct","schema-id":0,"fields":[]}},
    {"action":"set-location","location":"s3://b/v"},
    {"action":"set-properties","updates":{"a":"1"}},
    {"action":"remove-properties","removals":["a"]},
    {"action":"add-view-version","view-version":{"version-id":23,"timestamp-ms":123,"schema-id":-1,
      "summary":{"user":"some-user"},"default-catalog":"c","default-namespace":["ns"],
      "representations":[{"type":"sql","sql":"select 1","dialect":"spark","x":1},
                         {"type":"plan","tree":[1,2]}]}},
    {"action":"set-current-view-version","view-version-id":-1}])json");
  const auto updates = ParseViewUpdatesTree(json, "updates");
  ASSERT_TRUE(updates) << updates.error().message;
  for (size_t i = 0; i < updates->size(); ++i) {
    EXPECT_EQ((*updates)[i].index(), i);
    std::string text;
    JsonText out(&text);
    WriteViewUpdate((*updates)[i], out);
    EXPECT_EQ(nlohmann::json::parse(text), json[i]);
  }
  const auto foreign =
      ParseViewUpdateTree({{"action", "remove-snapshot-ref"}, {"ref-name", "main"}}, "updates[0]");
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(foreign.error().message, HasSubstr("remove-snapshot-ref"));
  EXPECT_FALSE(ParseViewRequirementTree({{"type", "assert-create"}}, "requirements[0]"));
  EXPECT_TRUE(ParseViewRequirementTree(
      {{"type", "assert-view-uuid"}, {"uuid", "fa6506c3-7681-40c8-86dc-e36561f83385"}}, ""));
}

}  // namespace
}  // namespace tarn::iceberg
