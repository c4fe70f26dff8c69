// SPDX-License-Identifier: Apache-2.0
#include "iceberg/commit/manifest_merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "iceberg/testing/commit_fixture.h"

namespace tarn::iceberg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ManifestFile Small(int32_t files, int64_t bytes = 100, SpecId spec = SpecId(0)) {
  ManifestFile manifest;
  manifest.added_files_count = files;
  manifest.manifest_length_bytes = bytes;
  manifest.partition_spec_id = spec;
  return manifest;
}

TEST(ManifestTier, IsTheLogarithmOfTheFiles) {
  const MergePolicy policy{.min_count_to_merge = 100};
  EXPECT_EQ(ManifestTier(Small(1), policy), 0);
  EXPECT_EQ(ManifestTier(Small(99), policy), 0);
  EXPECT_EQ(ManifestTier(Small(100), policy), 1);
  EXPECT_EQ(ManifestTier(Small(9999), policy), 1);
  EXPECT_EQ(ManifestTier(Small(10000), policy), 2);
  // A trigger of one would never end.
  EXPECT_EQ(ManifestTier(Small(4), {.min_count_to_merge = 1}), 2);
}

TEST(ChooseManifests, WaitsForTheTrigger) {
  const MergePolicy policy{.min_count_to_merge = 3};
  EXPECT_THAT(ChooseManifestsToMerge(std::vector{Small(1), Small(1)}, policy), IsEmpty());
  EXPECT_THAT(ChooseManifestsToMerge(std::vector{Small(1), Small(1), Small(1)}, policy),
              ElementsAre(0, 1, 2));
}

TEST(ChooseManifests, KeepsTiersKindsAndSpecsApart) {
  const MergePolicy policy{.min_count_to_merge = 3};
  ManifestFile deletes = Small(1);
  deletes.content = ManifestContent::kDeletes;
  EXPECT_THAT(ChooseManifestsToMerge(
                  std::vector{Small(1), Small(9), Small(1, 100, SpecId(1)), deletes}, policy),
              IsEmpty());
  EXPECT_THAT(ChooseManifestsToMerge(
                  std::vector{Small(9), Small(1), deletes, Small(1), Small(9), Small(1)}, policy),
              ElementsAre(1, 3, 5));
}

TEST(ChooseManifests, NeverTakesFullOnes) {
  const MergePolicy policy{.min_count_to_merge = 2, .target_size_bytes = 1000};
  EXPECT_THAT(ChooseManifestsToMerge(std::vector{Small(1, 1000), Small(1, 5000), Small(1)}, policy),
              IsEmpty());
  // And no more at a time than fill one.
  EXPECT_THAT(ChooseManifestsToMerge(
                  std::vector{Small(1, 400), Small(1, 400), Small(1, 400), Small(1, 400)}, policy),
              ElementsAre(0, 1));
}

class ManifestMergeTest : public CommitFixture {};

TEST_F(ManifestMergeTest, MergedEntriesSayWhereTheyCameFrom) {
  policy_.manifest_min_count_to_merge = 3;
  LoadedTable table = CreateTable();
  std::vector<SnapshotId> added_by;
  for (const char* name : {"a", "b", "c", "d"}) {
    table = Append(table, {name}).table;
    added_by.push_back(*table.metadata->current_snapshot_id);
  }
  const std::vector<ManifestFile> manifests = Manifests(table);
  ASSERT_EQ(manifests.size(), 2U);
  EXPECT_EQ(manifests[0].existing_files_count, 3);
  EXPECT_EQ(manifests[0].existing_rows_count, 30);
  EXPECT_EQ(manifests[0].added_files_count, 0);
  EXPECT_EQ(manifests[0].sequence_number, SequenceNumber(4));
  EXPECT_EQ(manifests[0].min_sequence_number, SequenceNumber(1));
  EXPECT_EQ(manifests[0].added_snapshot_id, added_by[3]);

  const auto verbatim = DecodeManifestVerbatim(*storage().Read(manifests[0].manifest_path));
  ASSERT_TRUE(verbatim);
  ASSERT_EQ(verbatim->entries.size(), 3U);
  for (size_t i = 0; i < 3; ++i) {
    const ManifestEntry& entry = verbatim->entries[i];
    EXPECT_EQ(entry.status, EntryStatus::kExisting);
    EXPECT_EQ(entry.snapshot_id, added_by[i]);
    EXPECT_EQ(entry.sequence_number, SequenceNumber(static_cast<int64_t>(i) + 1));
    EXPECT_EQ(entry.file_sequence_number, SequenceNumber(static_cast<int64_t>(i) + 1));
  }
  EXPECT_THAT(LiveFiles(table), ElementsAre("a", "b", "c", "d"));
  // A merge alone is no change of the rows.
  const auto& summary = table.metadata->current_snapshot()->summary;
  EXPECT_EQ(summary.at("added-data-files"), "1");
  EXPECT_EQ(summary.at("total-data-files"), "4");
  EXPECT_FALSE(summary.contains("deleted-data-files"));
}

TEST_F(ManifestMergeTest, MergingCanBeSwitchedOff) {
  policy_.manifest_min_count_to_merge = 2;
  LoadedTable table = CreateTable({{"commit.manifest-merge.enabled", "false"}});
  for (int i = 0; i < 6; ++i) table = Append(table, {std::to_string(i)}).table;
  EXPECT_EQ(Manifests(table).size(), 6U);
}

TEST_F(ManifestMergeTest, ListsStayShortAndCostsSmall) {
  constexpr int kBase = 5;
  constexpr int kCommits = 300;
  policy_.manifest_min_count_to_merge = kBase;
  LoadedTable table = CreateTable();
  size_t longest = 0;
  int64_t rewritten = 0;
  std::vector<std::string> expected;
  for (int i = 0; i < kCommits; ++i) {
    expected.push_back(std::to_string(i));
    table = Append(table, {expected.back()}).table;
    const auto list = cache_.ManifestList(table.metadata->current_snapshot()->manifest_list);
    ASSERT_TRUE(list);
    longest = std::max(longest, (*list)->size());
    for (const ManifestFile& file : **list) {
      const bool written_now = file.added_snapshot_id == *table.metadata->current_snapshot_id;
      if (written_now) rewritten += file.existing_files_count;
    }
  }
  // log5(300) rounds up to 4 tiers of at most 5 manifests, and what the last commits added.
  EXPECT_LE(longest, 4U * kBase + 2);
  EXPECT_LE(rewritten, 4 * kCommits);
  EXPECT_EQ(LiveFiles(table), expected);
}

}  // namespace
}  // namespace tarn::iceberg
