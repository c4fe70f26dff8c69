// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "iceberg/testing/commit_fixture.h"

namespace tarn::iceberg {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

class ReachableFilesTest : public CommitFixture {
 protected:
  ReachableFilesTest() {
    policy_.min_snapshots_to_keep = 1;
    policy_.max_snapshot_age_ms = 0;
    policy_.max_metadata_files = 1;
  }

  /// Commits, removes what became unreachable as an owner would, and returns it.
  std::vector<std::string> Clean(const PreparedTable& prepared) {
    auto files = DereferencedFiles(Context(), prepared.table, prepared.expired_manifest_lists);
    EXPECT_TRUE(files) << files.error().message;
    if (!files) return {};
    for (const std::string& file : prepared.expired_metadata_files) files->push_back(file);
    for (const std::string& file : *files) EXPECT_TRUE(storage().Delete(file));
    return *files;
  }

  void PutData(const std::string& name) {
    ASSERT_TRUE(
        storage().Put(File(name).file_path, std::string_view("rows"), storage::PutMode::kIfAbsent));
  }

  std::set<std::string> Reachable(const LoadedTable& table) {
    std::set<std::string> files;
    EXPECT_TRUE(VisitReachableFiles(Context(), table,
                                    [&](const std::string& file) { files.insert(file); }));
    return files;
  }

  std::set<std::string> Stored() {
    std::set<std::string> files;
    for (const auto& [name, bytes] : memory_.objects()) files.insert(name);
    return files;
  }
};

TEST_F(ReachableFilesTest, TruncatedFilesDieWithTheirLastSnapshot) {
  PutData("a");
  PutData("b");
  LoadedTable table = Append(CreateTable(), {"a"}).table;
  const PreparedTable truncated = Truncate(table);
  ASSERT_EQ(truncated.expired_manifest_lists.size(), 1U);
  const std::vector<std::string> dead = Clean(truncated);
  // Data before manifests before lists.
  EXPECT_EQ(dead.front(), File("a").file_path);
  EXPECT_THAT(dead, Contains(truncated.expired_manifest_lists[0]));
  table = Append(truncated.table, {"b"}).table;
  EXPECT_THAT(LiveFiles(table), ElementsAre("b"));
}

TEST_F(ReachableFilesTest, MergedFilesLiveOn) {
  policy_.manifest_min_count_to_merge = 3;
  LoadedTable table = CreateTable();
  std::set<std::string> deleted;
  for (int i = 0; i < 12; ++i) {
    PutData(std::to_string(i));
    const PreparedTable prepared = Append(table, {std::to_string(i)});
    for (const std::string& file : Clean(prepared)) deleted.insert(file);
    table = prepared.table;
  }
  for (int i = 0; i < 12; ++i) {
    EXPECT_FALSE(deleted.contains(File(std::to_string(i)).file_path)) << i;
  }
  EXPECT_EQ(LiveFiles(table).size(), 12U);
}

TEST_F(ReachableFilesTest, PinnedSnapshotsHoldTheirFiles_ice13568) {
  policy_.manifest_min_count_to_merge = 2;
  LoadedTable table = CreateTable();
  for (const char* name : {"a", "b"}) table = Append(table, {name}).table;
  const SnapshotId pinned = *table.metadata->current_snapshot_id;
  policy_.is_pinned = [&](SnapshotId id) { return id == pinned; };
  // Moved to a merged manifest, then deleted; the pinned snapshot has them in their first
  // manifests.
  const PreparedTable merged = Append(table, {"c"});
  Clean(merged);
  const PreparedTable truncated = Truncate(merged.table);
  const std::vector<std::string> dead = Clean(truncated);
  EXPECT_THAT(dead, Contains(File("c").file_path));
  EXPECT_THAT(dead, AllOf(Not(Contains(File("a").file_path)), Not(Contains(File("b").file_path))));
  EXPECT_NE(truncated.table.metadata->FindSnapshot(pinned), nullptr);
}

TEST_F(ReachableFilesTest, CanBeAskedAgain) {
  const LoadedTable table = Append(CreateTable(), {"a"}).table;
  const PreparedTable truncated = Truncate(table);
  const std::vector<std::string> first = Clean(truncated);
  const auto again =
      DereferencedFiles(Context(), truncated.table, truncated.expired_manifest_lists);
  ASSERT_TRUE(again);
  EXPECT_THAT(first, IsSupersetOf(*again));
  // A list that is retained is never among them.
  const auto retained = DereferencedFiles(
      Context(), truncated.table, {truncated.table.metadata->current_snapshot()->manifest_list});
  ASSERT_TRUE(retained);
  EXPECT_THAT(*retained, IsEmpty());
}

/// The snapshot that deleted a file was collected while an older one was held: nothing that is left
/// tells of the deletion.
TEST_F(ReachableFilesTest, ForgottenDeletionsAreFoundAllTheSame) {
  PutData("a");
  PutData("b");
  const PreparedTable first = Append(CreateTable(), {"a"});
  const std::string held = first.table.metadata->current_snapshot()->manifest_list;
  const PreparedTable truncated = Truncate(first.table);
  const PreparedTable later = Append(truncated.table, {"b"});
  // Both have expired; the one with the deletion goes first, as if the other were pinned.
  const LoadedTable& now = later.table;
  ASSERT_EQ(now.metadata->snapshots.size(), 1);
  LoadedTable with_held = now;
  auto metadata = *now.metadata;
  metadata.snapshots.push_back(first.table.metadata->snapshots.back());
  with_held.metadata = std::make_shared<const TableMetadata>(metadata);
  const auto gone = DereferencedFiles(
      Context(), with_held, {truncated.table.metadata->current_snapshot()->manifest_list});
  ASSERT_TRUE(gone);
  EXPECT_THAT(*gone, Not(Contains(File("a").file_path)));
  for (const std::string& file : *gone) ASSERT_TRUE(storage().Delete(file));

  const auto told = DereferencedFiles(Context(), now, {held});
  ASSERT_TRUE(told);
  EXPECT_THAT(*told, Not(Contains(File("a").file_path)));
  const auto found = DereferencedFiles(Context(), now, {held}, Deletions::kSomeForgotten);
  ASSERT_TRUE(found);
  EXPECT_THAT(*found, Contains(File("a").file_path));
  EXPECT_THAT(*found, Not(Contains(File("b").file_path)));
}

/// What an owner removes and what metadata reaches make up all that was ever written.
TEST_F(ReachableFilesTest, NothingLeaksAndNothingIsMissing) {
  policy_.manifest_min_count_to_merge = 3;
  policy_.min_snapshots_to_keep = 2;
  LoadedTable table = CreateTable();
  for (int i = 0; i < 40; ++i) {
    const std::string name = std::to_string(i);
    PutData(name);
    PreparedTable prepared = Append(table, {name});
    Clean(prepared);
    if (i % 7 == 6) {
      prepared = Truncate(prepared.table);
      Clean(prepared);
    }
    table = prepared.table;
    ASSERT_EQ(Reachable(table), Stored()) << "after commit " << i;
  }
}

}  // namespace
}  // namespace tarn::iceberg
