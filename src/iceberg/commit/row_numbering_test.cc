// SPDX-License-Identifier: Apache-2.0
// Row ids, as the specification assigns them ("Row Lineage"); numbers were worked out by hand.
#include "iceberg/commit/row_numbering.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "iceberg/testing/row_change_fixture.h"

namespace tarn::iceberg {
namespace {

class RowNumberingTest : public RowChangeFixture {
 protected:
  std::optional<int64_t> FirstRow(const LoadedTable& table, const std::string& name) {
    return Find(table, name).entry.data_file.first_row_id;
  }
};

TEST_F(RowNumberingTest, AppendsTakeTheNextIds) {
  LoadedTable table = Add(CreateVersion(3), {Data("a"), Data("b")});
  EXPECT_EQ(Head(table).first_row_id, 0);
  EXPECT_EQ(Head(table).added_rows, 20);
  EXPECT_EQ(table.metadata->next_row_id, 20);
  table = Add(table, {Data("c")});
  EXPECT_EQ(Head(table).first_row_id, 20);
  EXPECT_EQ(Head(table).added_rows, 10);
  EXPECT_EQ(table.metadata->next_row_id, 30);
  EXPECT_EQ(FirstRow(table, "a"), 0);
  EXPECT_EQ(FirstRow(table, "b"), 10);
  EXPECT_EQ(FirstRow(table, "c"), 20);
}

TEST_F(RowNumberingTest, EveryAttemptNumbersAnew) {
  const LoadedTable read = Add(CreateVersion(3), {Data("a")});
  const Change mine = Prepare(read, {}, {Data("mine")});
  ASSERT_TRUE(Try(read, mine));
  const LoadedTable other = Add(read, {Data("other")});
  const auto rebased = Try(other, mine);
  ASSERT_TRUE(rebased) << rebased.error().message;
  EXPECT_EQ(FirstRow(rebased->table, "other"), 10);
  EXPECT_EQ(FirstRow(rebased->table, "mine"), 20);
  EXPECT_EQ(rebased->table.metadata->next_row_id, 30);
  ExpectSound(rebased->table);
}

// ice#16263: entries that move to another manifest take their ids along.
TEST_F(RowNumberingTest, MovedEntriesKeepTheirIds_ice16263) {
  policy_.manifest_min_count_to_merge = 3;
  LoadedTable table = Add(CreateVersion(3), {Data("a"), Data("b")});
  table = Apply(table, {.removed_data_files = {Removed(table, "a")}});
  EXPECT_EQ(FirstRow(table, "b"), 10);
  for (const std::string name : {"c", "d", "e", "f"}) table = Add(table, {Data(name)});
  EXPECT_EQ(FirstRow(table, "b"), 10);
  std::set<int64_t> firsts;
  for (const Found& found : LiveEntries(table)) {
    firsts.insert(found.entry.data_file.first_row_id.value_or(-1));
  }
  EXPECT_EQ(firsts.size(), 5U);
  EXPECT_GE(*firsts.begin(), 10);
}

TEST_F(RowNumberingTest, UpgradedTablesNumberTheirOldFiles) {
  const LoadedTable old = Add(CreateVersion(2), {Data("a")});
  TableMetadata upgraded = *old.metadata;
  upgraded.format_version = 3;
  upgraded.next_row_id = 0;
  const LoadedTable table =
      Add({old.metadata_location, std::make_shared<TableMetadata>(upgraded)}, {Data("b")});
  EXPECT_EQ(FirstRow(table, "a"), 0);
  EXPECT_EQ(FirstRow(table, "b"), 10);
  EXPECT_EQ(Head(table).added_rows, 20);
  EXPECT_EQ(table.metadata->next_row_id, 20);
}

TEST_F(RowNumberingTest, AnUpgradeThatRewritesManifestsNumbersThemAtOnce) {
  const LoadedTable old = Add(CreateVersion(2), {Data("a"), Data("b")});
  ChangeSet changes{.merge_manifests = true};
  changes.updates.emplace_back(UpgradeFormatVersion{3});
  const LoadedTable table = Commit(old, changes).table;
  EXPECT_EQ(Head(table).operation, SnapshotOperation::kReplace);
  EXPECT_EQ(Head(table).parent_id, old.metadata->current_snapshot_id);
  EXPECT_EQ(FirstRow(table, "a"), 0);
  EXPECT_EQ(FirstRow(table, "b"), 10);
  EXPECT_EQ(table.metadata->next_row_id, 20);
  ExpectSound(table);
  // Once.
  EXPECT_TRUE(Commit(table, changes).written_files.empty());
  EXPECT_TRUE(Commit(CreateVersion(3), changes).written_files.empty());
}

TEST_F(RowNumberingTest, DeleteManifestsHaveNone_ddb1149) {
  LoadedTable table = Add(CreateVersion(3), {Data("a")});
  table = Add(table, {Vector("a", "v", 4)});
  EXPECT_EQ(Find(table, "v#4").line.first_row_id, std::nullopt);
  EXPECT_EQ(Head(table).added_rows, 0);
}

// go#1627
TEST_F(RowNumberingTest, IdsNeverOverflow_go1627) {
  std::vector<ManifestFile> manifests = {{.manifest_path = "m", .added_rows_count = 2}};
  const auto refused = AssignRowIds(manifests, std::numeric_limits<int64_t>::max() - 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kResourceExhausted);
}

}  // namespace
}  // namespace tarn::iceberg
