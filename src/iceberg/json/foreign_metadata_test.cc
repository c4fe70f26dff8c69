// SPDX-License-Identifier: Apache-2.0
// Metadata files that other implementations test themselves with.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "iceberg/model/table_metadata.h"
#include "iceberg/testing/foreign_fixtures.h"

namespace tarn::iceberg {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

bool SaysNothing(const Json& value) {
  return value.is_null() || value == -1 || (value.is_structured() && value.empty());
}

/// "decimal(9,2)" and "decimal(9, 2)" are one type.
std::string WithoutSpaces(const Json& value) {
  std::string text = value.dump();
  std::erase(text, ' ');
  return text;
}

/// What was read says no less than what was there.
void ExpectNothingLost(const Json& before, const Json& after, const fs::path& path) {
  for (const auto& [key, value] : before.items()) {
    if (SaysNothing(value)) continue;
    ASSERT_TRUE(after.contains(key)) << path << ": " << key;
    // Single schemas and specs of version 1 gain ids, and main its reference.
    if (before["format-version"] == 1 && value.is_structured()) continue;
    if (key == "refs") continue;
    if (value.is_array()) {
      EXPECT_EQ(after[key].size(), value.size()) << path << ": " << key;
    }
    if (key == "schemas" || key == "snapshots") continue;
    EXPECT_EQ(WithoutSpaces(after[key]), WithoutSpaces(value)) << path << ": " << key;
  }
}

void ExpectSurvives(const std::string& text, const fs::path& path) {
  const auto first = ParseTableMetadata(text);
  ASSERT_TRUE(first) << path << ": " << first.error().message;
  const auto written = SerializeTableMetadata(*first);
  ASSERT_TRUE(written) << path << ": " << written.error().message;
  const auto second = ParseTableMetadata(*written);
  ASSERT_TRUE(second) << path << ": " << second.error().message;
  EXPECT_EQ(*SerializeTableMetadata(*second), *written) << path;
  ExpectNothingLost(Json::parse(text), Json::parse(*written), path);
}

TEST(ForeignMetadata, TablesLoadAndLoadAgainWhenWrittenBack) {
  const auto root = ForeignFixtures();
  if (!root) GTEST_SKIP() << "the files of other implementations are not beside the checkout";
  std::vector<fs::path> paths = FixturesNamed(*root / "java", "TableMetadata");
  for (const fs::path& path : FixturesNamed(*root / "rust" / "table_metadata", "")) {
    paths.push_back(path);
  }
  for (const fs::path& path : FixturesNamed(*root / "rust", "example_")) paths.push_back(path);
  ASSERT_GE(paths.size(), 30U);
  for (const fs::path& path : paths) {
    const std::string text = ReadFixture(path);
    if (MustBeRefused(path)) {
      EXPECT_FALSE(ParseTableMetadata(text)) << path;
    } else {
      ExpectSurvives(text, path);
    }
  }
}

TEST(ForeignMetadata, MetadataInResponsesOfCatalogs) {
  const auto root = ForeignFixtures();
  if (!root) GTEST_SKIP() << "the files of other implementations are not beside the checkout";
  for (const char* name : {"create_table", "load_table", "update_table"}) {
    const fs::path path = *root / "rust" / fmt::format("{}_response.json", name);
    const Json response = Json::parse(ReadFixture(path));
    ASSERT_TRUE(response.contains("metadata")) << path;
    ExpectSurvives(response["metadata"].dump(), path);
  }
}

}  // namespace
}  // namespace tarn::iceberg
