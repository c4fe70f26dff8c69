// SPDX-License-Identifier: Apache-2.0
#include "table/maintenance/rewrite_position_deletes.h"

#include <gmock/gmock.h>

#include <set>

#include "table/maintenance/maintenance.h"
#include "table/testing/maintenance_state.h"
#include "table/testing/row_lake.h"

// g++ 12 warns wrongly of variants in long initialiser lists.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

namespace tarn::table {
namespace {

using iceberg::LoadedTable;
using testing::IsEmpty;
using testing::SizeIs;

const Type kInt = Type::Primitive(TypeKind::kInt);

class RewritePositionDeletesTest : public testing::Test {
 protected:
  /// Three files of ten rows, and deletes that two of them share, twice.
  void Fill() {
    lake_.Create("t", {Column(1, "id", kInt)});
    for (int32_t first : {0, 10, 20}) {
      std::vector<Row> rows;
      for (int32_t id = first; id < first + 10; ++id) rows.push_back({Value(id)});
      lake_.Append("t", rows);
    }
    std::set<std::string> ordered;
    for (const auto& file : lake_.Plan(lake_.Load("t")).files)
      ordered.insert(file.file().file_path);
    paths_.assign(ordered.begin(), ordered.end());
    lake_.AddSharedDeletes(
        "t", {{Value(paths_[0]), Value(int64_t{1})}, {Value(paths_[1]), Value(int64_t{2})}});
    lake_.AddSharedDeletes(
        "t", {{Value(paths_[0]), Value(int64_t{1})}, {Value(paths_[0]), Value(int64_t{5})}});
  }

  MaintenanceResult Run() {
    const auto result = Must(RewritePositionDeletes(state_.target(), MaintenanceRun{}));
    for (const auto& entry : state_.journal().Entries()) EXPECT_TRUE(entry.committed_ms);
    return result;
  }

  /// Rows of every delete file that applies to a data file.
  std::vector<int64_t> DeletesOf(const LoadedTable& table, const std::string& path) {
    std::vector<int64_t> rows;
    for (const auto& file : lake_.Plan(table).files) {
      if (file.file().file_path != path || file.deletes == nullptr) continue;
      if (file.deletes->vector) rows.push_back(file.deletes->vector->file().record_count);
      for (const auto& each : file.deletes->positions) rows.push_back(each.file().record_count);
    }
    return rows;
  }

  std::multiset<int32_t> Ids() {
    std::multiset<int32_t> ids;
    for (const Row& row : lake_.Rows(lake_.Load("t"))) ids.insert(std::get<int32_t>(row[0].value));
    return ids;
  }

  void Upgrade() {
    const iceberg::ChangeSet upgrade{.updates = {iceberg::UpgradeFormatVersion{3}}};
    Must(lake_.TryCommit("t", upgrade, iceberg::SnapshotId(1)));
  }

  RowLake lake_;
  storage::ScratchDirectory scratch_;
  MaintenanceState state_{lake_.context(), lake_.catalog(), {{}, "t"}, scratch_.path()};
  std::vector<std::string> paths_;
};

TEST_F(RewritePositionDeletesTest, SharedFilesBecomeOnePerDataFile) {
  Fill();
  const auto before = Ids();
  EXPECT_THAT(before, SizeIs(27));
  const MaintenanceResult result = Run();
  EXPECT_EQ(result.rewritten_files, 2);
  EXPECT_EQ(result.added_files, 2);
  const LoadedTable table = lake_.Load("t");
  EXPECT_EQ(table.metadata->current_snapshot()->operation, iceberg::SnapshotOperation::kReplace);
  EXPECT_THAT(DeletesOf(table, paths_[0]), testing::ElementsAre(2));
  EXPECT_THAT(DeletesOf(table, paths_[1]), testing::ElementsAre(1));
  EXPECT_THAT(DeletesOf(table, paths_[2]), IsEmpty());
  EXPECT_EQ(Ids(), before);
  lake_.ExpectSound(table);
  // Now all is as it should be.
  EXPECT_EQ(Run().rewritten_files, 0);
  EXPECT_EQ(lake_.Load("t").metadata_location, table.metadata_location);
}

TEST_F(RewritePositionDeletesTest, AfterAnUpgradeTheyBecomeVectors) {
  Fill();
  Upgrade();
  const auto before = Ids();
  const MaintenanceResult result = Run();
  EXPECT_EQ(result.rewritten_files, 2);
  EXPECT_EQ(result.added_files, 1);  // vectors share a Puffin file
  const LoadedTable table = lake_.Load("t");
  for (const auto& file : lake_.Plan(table).files) {
    if (file.deletes == nullptr) continue;
    EXPECT_TRUE(file.deletes->vector);
    EXPECT_THAT(file.deletes->positions, IsEmpty());
  }
  EXPECT_THAT(DeletesOf(table, paths_[0]), testing::ElementsAre(2));
  EXPECT_EQ(Ids(), before);
  lake_.ExpectSound(table);
}

TEST_F(RewritePositionDeletesTest, DanglingDeletesGo) {
  Fill();
  const auto plan = lake_.Plan(lake_.Load("t"));
  // The two files with deletes leave; their delete files are shared, and stay.
  std::vector<iceberg::ScanFile> removed;
  for (const auto& file : plan.files) {
    if (file.deletes != nullptr) removed.push_back(file);
  }
  ASSERT_THAT(removed, SizeIs(2));
  lake_.ReplaceFiles("t", removed, {Column(1, "id", kInt)}, {}, false);
  const MaintenanceResult result = Run();
  EXPECT_EQ(result.rewritten_files, 2);
  EXPECT_EQ(result.added_files, 0);
  EXPECT_THAT(Ids(), SizeIs(10));
  lake_.ExpectSound(lake_.Load("t"));
}

TEST_F(RewritePositionDeletesTest, LosesToDeletesThatCame) {
  Fill();
  const LoadedTable base = lake_.Load("t");
  const auto prepared =
      Must(PrepareDeletesRewrite(lake_.context(), lake_.NewWriter(), base, MaintenanceRun{}));
  lake_.AddSharedDeletes("t", {{Value(paths_[0]), Value(int64_t{7})}});
  const auto lost = lake_.TryCommit("t", prepared.changes, prepared.snapshot_id);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ErrorKind::kConflict);
}

TEST_F(RewritePositionDeletesTest, CanBeCancelled) {
  Fill();
  const std::atomic<bool> cancelled = true;
  const auto result =
      RewritePositionDeletes(state_.target(), MaintenanceRun{.cancelled = &cancelled});
  ASSERT_FALSE(result);
  EXPECT_TRUE(state_.journal().Entries().empty());
  EXPECT_EQ(result.error().kind, ErrorKind::kCancelled);
}

}  // namespace
}  // namespace tarn::table
