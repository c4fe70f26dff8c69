// SPDX-License-Identifier: Apache-2.0
// What commits leave behind is sound, in every version and on the way between them.
#include <gtest/gtest.h>

#include "iceberg/fsck/fsck.h"
#include "iceberg/testing/commit_fixture.h"

namespace tarn::iceberg {
namespace {

class FsckCommitsTest : public CommitFixture {
 protected:
  LoadedTable Create(int32_t format_version) {
    auto metadata =
        NewTableMetadata(Uuid::Random(), kLocation, TwoColumns(), {}, {}, now_ms_, format_version);
    EXPECT_TRUE(metadata) << metadata.error().message;
    return Commit({"", std::make_shared<const TableMetadata>(*std::move(metadata))}, {}).table;
  }

  LoadedTable AppendStored(const LoadedTable& table, const std::string& name) {
    const DataFile file = File(name);
    const std::string bytes(static_cast<size_t>(file.file_size_bytes), 'x');
    EXPECT_TRUE(storage().Put(file.file_path, bytes, storage::PutMode::kIfAbsent));
    return Append(table, {name}).table;
  }

  LoadedTable WithUpdates(const LoadedTable& table, std::vector<MetadataUpdate> updates) {
    ChangeSet changes;
    changes.updates = std::move(updates);
    return Commit(table, changes).table;
  }

  void ExpectSound(const LoadedTable& table) {
    const auto report = Fsck(storage(), nullptr, table.metadata_location, {.read_data = false});
    ASSERT_TRUE(report) << report.error().message;
    for (const Finding& finding : report->findings) {
      if (finding.severity == Severity::kError) {
        ADD_FAILURE() << finding.code << " " << finding.location << ": " << finding.message;
      }
    }
  }
};

TEST_F(FsckCommitsTest, EveryVersionAndTheWayBetweenThem) {
  policy_.manifest_min_count_to_merge = 3;
  LoadedTable table = Create(1);
  int next = 0;
  for (const int32_t version : {1, 2, 3}) {
    if (version > 1) table = WithUpdates(table, {UpgradeFormatVersion{version}});
    for (int i = 0; i < 4; ++i) table = AppendStored(table, std::to_string(next++));
    ASSERT_NO_FATAL_FAILURE(ExpectSound(table)) << "version " << version;
  }
  EXPECT_EQ(LiveFiles(table).size(), 12U);
  table = Truncate(table).table;
  ExpectSound(table);
}

TEST_F(FsckCommitsTest, BranchesTagsAndCompressedMetadata) {
  LoadedTable table = AppendStored(CreateTable(), "a");
  table = WithUpdates(
      table,
      {SetSnapshotRef{"v1", {.snapshot_id = *table.metadata->current_snapshot_id, .is_tag = true}},
       SetProperties{{{"write.metadata.compression-codec", "gzip"}}}});
  table = AppendStored(table, "b");
  ExpectSound(table);
  table = WithUpdates(table, {RemoveSnapshots{{table.metadata->refs.at("v1").snapshot_id}}});
  EXPECT_FALSE(table.metadata->refs.contains("v1"));
  ExpectSound(table);
}

}  // namespace
}  // namespace tarn::iceberg
