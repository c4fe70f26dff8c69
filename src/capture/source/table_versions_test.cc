// SPDX-License-Identifier: Apache-2.0
#include "capture/source/table_versions.h"

#include <gtest/gtest.h>

namespace tarn::capture {
namespace {

const std::set<int16_t> kReplicated{1, 2};

TableVersion Plain() {
  return {.oid = RelationOid(16'400),
          .publication = "p16390:700",
          .heaps = {{16'400, 16'400}},
          .columns = {{1, "750"}, {2, "750"}, {3, "750"}},
          .identity = "dp tf:1"};
}

TableVersion Partitioned() {
  TableVersion version = Plain();
  version.partitioned = true;
  version.heaps = {{16'500, 16'500}, {16'501, 16'501}};
  return version;
}

TEST(TableVersions, TextsAreReadBack) {
  TableVersion version = Partitioned();
  version.types[2] = {{"e16388", "sad \"and\" 'quoted' ü"}, {"c16391.1", "739"}};
  const auto read = ParseTableVersion(ToText(version));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, version);
}

TEST(TableVersions, DamagedTextsAreCorruption) {
  for (const char* text : {"", "{}", "[1]", R"({"oid": "x"})", "null"}) {
    const auto read = ParseTableVersion(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::kCorruption);
  }
}

TEST(TableVersions, AnotherFileWithAnotherColumnIsARewrite) {
  TableVersion now = Plain();
  now.heaps[16'400] = 16'410;
  // VACUUM FULL, CLUSTER, TRUNCATE.
  EXPECT_EQ(Compare(Plain(), now, kReplicated).rewritten, "");
  now.columns[3] = "760";
  EXPECT_EQ(Compare(Plain(), now, kReplicated).rewritten, "") << "a column that is not replicated";
  now.columns[2] = "760";
  EXPECT_NE(Compare(Plain(), now, kReplicated).rewritten, "");
}

TEST(TableVersions, AColumnThatCameWithAnotherFileIsARewrite) {
  TableVersion now = Plain();
  now.columns[4] = "760";
  EXPECT_EQ(Compare(Plain(), now, {1, 2, 4}).rewritten, "") << "a constant default";
  EXPECT_TRUE(Compare(Plain(), now, {1, 2, 4}).redefined);
  now.heaps[16'400] = 16'410;
  EXPECT_NE(Compare(Plain(), now, {1, 2, 4}).rewritten, "");
}

TEST(TableVersions, AColumnThatWentChangesNoOther) {
  TableVersion now = Plain();
  now.columns.erase(2);
  now.heaps[16'400] = 16'410;
  const VersionDifference difference = Compare(Plain(), now, kReplicated);
  EXPECT_EQ(difference.rewritten, "");
  EXPECT_TRUE(difference.redefined);
}

TEST(TableVersions, LeavesThatLeaveOrAreEmptied) {
  TableVersion now = Partitioned();
  now.heaps.erase(16'501);
  EXPECT_NE(Compare(Partitioned(), now, kReplicated).rewritten, "");
  now = Partitioned();
  now.heaps[16'501] = 16'600;
  EXPECT_NE(Compare(Partitioned(), now, kReplicated).rewritten, "");
  now = Partitioned();
  now.heaps[16'700] = 16'700;
  const VersionDifference difference = Compare(Partitioned(), now, kReplicated);
  EXPECT_EQ(difference.rewritten, "");
  EXPECT_EQ(difference.new_leaves, std::vector{RelationOid(16'700)});
}

TEST(TableVersions, LabelsThatAreRenamedAndLabelsThatCome) {
  TableVersion before = Plain(), now = Plain();
  before.types[2] = {{"e1", "sad"}, {"e2", "ok"}};
  now.types[2] = {{"e1", "sad"}, {"e2", "ok"}, {"e3", "happy"}};
  EXPECT_EQ(Compare(before, now, kReplicated).rewritten, "");
  now.types[2]["e1"] = "blue";
  EXPECT_NE(Compare(before, now, kReplicated).rewritten, "");
  EXPECT_EQ(Compare(before, now, {1}).rewritten, "") << "not replicated";
}

TEST(TableVersions, AttributesThatComeToACompositeShowInEveryRow) {
  TableVersion before = Plain(), now = Plain();
  before.types[2] = {{"c9.1", "700"}};
  now.types[2] = {{"c9.1", "700"}, {"c9.2", "800"}};
  EXPECT_NE(Compare(before, now, kReplicated).rewritten, "");
}

TEST(TableVersions, AnotherPublicationOrTable) {
  TableVersion now = Plain();
  now.publication = "p16390:701";
  EXPECT_NE(Compare(Plain(), now, kReplicated).rewritten, "");
  now = Plain();
  now.oid = RelationOid(1);
  EXPECT_NE(Compare(Plain(), now, kReplicated).rewritten, "");
  now = Plain();
  now.identity = "fp tf:1";
  EXPECT_TRUE(Compare(Plain(), now, kReplicated).redefined);
}

}  // namespace
}  // namespace tarn::capture
