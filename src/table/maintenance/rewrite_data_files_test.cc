// SPDX-License-Identifier: Apache-2.0
#include "table/maintenance/rewrite_data_files.h"

#include <gmock/gmock.h>

#include <numeric>
#include <set>

#include "table/testing/engine_table.h"

namespace tarn::table {
namespace {

using iceberg::DataFile;
using iceberg::ScanFile;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class RewriteDataFilesTest : public EngineTableTest {
 protected:
  std::vector<RewriteGroup> Plan(const RewriteDataFilesOptions& options = {}) {
    const auto groups = PlanRewriteDataFiles(context_, Load(), options);
    EXPECT_TRUE(groups) << groups.error().message;
    return groups.value_or(std::vector<RewriteGroup>());
  }

  Result<PreparedRewrite> TryPrepare(const iceberg::LoadedTable& base, const RewriteGroup& group,
                                     const RewriteDataFilesOptions& options,
                                     const MaintenanceRun& run = {}) {
    const Writer writer{.id = Uuid::Random(), .issuer = "test"};
    return PrepareRewrite(context_, writer, base, group, options, run);
  }

  TableChange ChangeOf(const PreparedRewrite& prepared) {
    return {.table = kName, .changes = prepared.changes, .snapshot_id = prepared.snapshot_id};
  }

  /// Every group, of one plan.
  void RewriteAll(const RewriteDataFilesOptions& options) {
    const iceberg::LoadedTable base = Load();
    for (const RewriteGroup& group : Plan(options)) {
      const auto prepared = TryPrepare(base, group, options);
      ASSERT_TRUE(prepared) << prepared.error().message << " " << prepared.error().detail;
      Commit(ChangeOf(*prepared));
    }
  }

  std::map<std::string, std::string> Summary() {
    return Load().metadata->current_snapshot()->summary;
  }
};

std::vector<Row> Without(std::vector<Row> rows, const std::set<int64_t>& gone) {
  std::erase_if(rows,
                [&](const Row& row) { return gone.contains(std::get<int64_t>(row[0].value)); });
  return rows;
}

TEST_F(RewriteDataFilesTest, SmallFilesBecomeOneInTheirOrder) {
  Create(2);
  for (int64_t i = 0; i < 7; ++i) Append(Numbers(i * 10, 10));
  const auto groups = Plan();
  ASSERT_THAT(groups, SizeIs(1));
  EXPECT_THAT(groups[0].plan.files, SizeIs(7));
  EXPECT_EQ(groups[0].output_files, 1);
  const auto before = TableRows();
  RewriteAll({});
  const auto plan = PlanNow();
  ASSERT_THAT(plan.files, SizeIs(1));
  EXPECT_EQ(plan.files[0].file().record_count, 70);
  EXPECT_TRUE(engine::SameRows(TableRows(), before));
  EXPECT_EQ(Load().metadata->current_snapshot()->operation, iceberg::SnapshotOperation::kReplace);
  EXPECT_EQ(Summary()["total-records"], "70");
  EXPECT_THAT(Plan(), IsEmpty());
}

TEST_F(RewriteDataFilesTest, FewerFilesThanTheMinimumStay) {
  Create(2);
  for (int64_t i = 0; i < 4; ++i) Append(Numbers(i * 10, 10));
  EXPECT_THAT(Plan(), IsEmpty());
  EXPECT_THAT(Plan({.min_input_files = 4}), SizeIs(1));
  EXPECT_THAT(Plan({.rewrite_all = true}), SizeIs(1));
}

// No manifest can be read any more, so a plan that succeeds did without.
TEST_F(RewriteDataFilesTest, PlansWithoutManifestsWhereTotalsTellEnough) {
  Create(2);
  for (int64_t i = 0; i < 6; ++i) Append(Numbers(i * 10, 10));
  const iceberg::SnapshotId planned = *Load().metadata->current_snapshot_id;
  for (int64_t i = 6; i < 10; ++i) Append(Numbers(i * 10, 10));
  const iceberg::LoadedTable table = Load();
  iceberg::ManifestCache fresh(storage_.get(), size_t{1} << 20);
  context_.manifests = &fresh;
  ASSERT_TRUE(storage_->Delete(table.metadata->current_snapshot()->manifest_list));
  EXPECT_FALSE(PlanRewriteDataFiles(context_, table, {}));
  EXPECT_THAT(PlanRewriteDataFiles(context_, table, {.planned_at = planned}).value(), IsEmpty());
  EXPECT_FALSE(
      PlanRewriteDataFiles(context_, table, {.min_input_files = 4, .planned_at = planned}));
  EXPECT_THAT(PlanRewriteDataFiles(context_, table, {.min_input_files = 11}).value(), IsEmpty());
  context_.manifests = &cache_;
  EXPECT_TRUE(catalog_->DropTable(kName));
}

TEST_F(RewriteDataFilesTest, DeletesInEveryEncodingAreFolded) {
  for (const int32_t version : {2, 3}) {
    SCOPED_TRACE(version);
    Create(version);
    std::vector<DataFile> files;
    for (int64_t i = 0; i < 6; ++i) files.push_back(Append(Numbers(i * 10, 10)));
    Delete(files[0], {0, 9});
    DeleteEqual({15, 42});
    Append(Numbers(42, 1));  // after its delete: stays
    Delete(files[5], {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    auto expected = Without(Numbers(0, 60), {0, 9, 15, 42, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59});
    expected.push_back(Numbers(42, 1)[0]);
    ASSERT_TRUE(engine::SameRows(TableRows(), expected));
    RewriteAll({});
    EXPECT_THAT(PlanNow().files, SizeIs(1));
    EXPECT_EQ(PlanNow().files[0].deletes, nullptr);
    EXPECT_TRUE(engine::SameRows(TableRows(), expected));
    EXPECT_EQ(Summary()["total-position-deletes"], "0");
    EXPECT_EQ(Summary()["total-records"], std::to_string(expected.size()));
  }
}

TEST_F(RewriteDataFilesTest, FilesWithManyDeletedRowsAreRewrittenAlone) {
  Create(2, {}, {{"write.target-file-size-bytes", "450"}});
  const DataFile file = Append(Numbers(0, 10));
  ASSERT_GE(file.file_size_bytes, 338);
  ASSERT_LE(file.file_size_bytes, 810);
  Delete(file, {1, 2});
  EXPECT_THAT(Plan(), IsEmpty());
  EXPECT_THAT(Plan({.delete_file_threshold = 1}), SizeIs(1));
  Delete(file, {3});
  EXPECT_THAT(Plan({.delete_file_threshold = 3, .delete_ratio_threshold = 0.9}), IsEmpty());
  EXPECT_THAT(Plan({.delete_file_threshold = 2, .delete_ratio_threshold = 0.9}), SizeIs(1));
  EXPECT_THAT(Plan(), SizeIs(1));  // 3 of 10
  DeleteEqual({5});
  EXPECT_THAT(Plan({.delete_file_threshold = 3, .delete_ratio_threshold = 0.9}), SizeIs(1));
  RewriteAll({});
  EXPECT_TRUE(engine::SameRows(TableRows(), Without(Numbers(0, 10), {1, 2, 3, 5})));
}

TEST_F(RewriteDataFilesTest, FilesWithoutRowsLeaveNothing) {
  Create(3);
  const DataFile file = Append(Numbers(0, 4));
  Append(Numbers(4, 4));
  Delete(file, {0, 1, 2, 3});
  const auto groups = Plan();
  ASSERT_THAT(groups, SizeIs(1));
  RewriteGroup group = groups[0];
  std::erase_if(group.plan.files,
                [&](const ScanFile& f) { return f.file().file_path != file.file_path; });
  const auto prepared = TryPrepare(Load(), group, {});
  ASSERT_TRUE(prepared);
  EXPECT_THAT(prepared->written_files, IsEmpty());
  Commit(ChangeOf(*prepared));
  EXPECT_TRUE(engine::SameRows(TableRows(), Numbers(4, 4)));
  EXPECT_EQ(Summary()["total-delete-files"], "0");
}

TEST_F(RewriteDataFilesTest, LineageIsKept) {
  Create(3);
  std::vector<DataFile> files;
  for (int64_t i = 0; i < 5; ++i) files.push_back(Append(Numbers(i * 3, 3)));
  Delete(files[1], {1});
  const auto before = RowsWithLineage();
  // Ids count on from file to file, numbers are those of the appends.
  ASSERT_TRUE(engine::SameRows({before[3], before[4]},
                               {{Cell(Value(int64_t{3})), Cell(Value("row 3")),
                                 Cell(Value(int64_t{3})), Cell(Value(int64_t{2}))},
                                {Cell(Value(int64_t{5})), Cell(Value("row 5")),
                                 Cell(Value(int64_t{5})), Cell(Value(int64_t{2}))}}));
  RewriteAll({});
  EXPECT_TRUE(engine::SameRows(RowsWithLineage(), before));
  const auto rewritten = PlanNow();
  ASSERT_THAT(rewritten.files, SizeIs(1));
  // Once more, from the stored columns.
  for (int64_t i = 5; i < 9; ++i) Append(Numbers(i * 3, 3));
  const auto longer = RowsWithLineage();
  RewriteAll({});
  EXPECT_THAT(PlanNow().files, SizeIs(1));
  EXPECT_TRUE(engine::SameRows(RowsWithLineage(), longer));
}

TEST_F(RewriteDataFilesTest, PartitionsStayApart) {
  const iceberg::PartitionSpec spec{
      .fields = {{.source_ids = {FieldId(1)},
                  .id = iceberg::PartitionFieldId(1000),
                  .name = "n_trunc",
                  .transform = {.kind = iceberg::TransformKind::kTruncate, .parameter = 100}}}};
  Create(2, spec);
  for (int64_t i = 0; i < 5; ++i) {
    Append(Numbers(i * 10, 10), {Value(int64_t{0})});
    Append(Numbers(100 + i * 10, 10), {Value(int64_t{100})});
  }
  Append(Numbers(200, 10), {Value(int64_t{200})});
  EXPECT_THAT(Plan(), SizeIs(2));
  RewriteAll({});
  const auto plan = PlanNow();
  std::multimap<int64_t, int64_t> rows;
  for (const ScanFile& file : plan.files) {
    rows.emplace(std::get<int64_t>(file.file().partition.at(0)), file.file().record_count);
  }
  EXPECT_EQ(rows, (std::multimap<int64_t, int64_t>{{0, 50}, {100, 50}, {200, 10}}));
}

TEST_F(RewriteDataFilesTest, FilesOfEarlierSpecsFindTheirPartitionsAnew) {
  Create(3);
  std::vector<DataFile> files;
  for (int64_t i = 0; i < 5; ++i) files.push_back(Append(Numbers(i * 60, 60)));
  DeleteEqual({7, 270});
  TableChange respec = NewChange();
  respec.changes.updates = {
      iceberg::AddPartitionSpec{
          {.id = iceberg::SpecId(1),
           .fields = {{.source_ids = {FieldId(1)},
                       .id = iceberg::PartitionFieldId(1000),
                       .name = "n_trunc",
                       .transform = {.kind = iceberg::TransformKind::kTruncate,
                                     .parameter = 100}}}}},
      iceberg::SetDefaultSpec{}};
  Commit(respec);
  const auto before = RowsWithLineage();
  const auto groups = Plan();
  ASSERT_THAT(groups, SizeIs(1));
  EXPECT_EQ(groups[0].output_spec_id, Load().metadata->default_spec_id);
  RewriteAll({});
  std::map<int64_t, int64_t> rows;
  for (const ScanFile& file : PlanNow().files) {
    EXPECT_EQ(file.spec_id, Load().metadata->default_spec_id);
    rows[std::get<int64_t>(file.file().partition.at(0))] += file.file().record_count;
  }
  EXPECT_EQ(rows, (std::map<int64_t, int64_t>{{0, 99}, {100, 100}, {200, 99}}));
  EXPECT_TRUE(engine::SameRows(RowsWithLineage(), before));
}

// Of a partition of the old spec: it would not reach the new files.
TEST_F(RewriteDataFilesTest, DeletesBesideAChangeOfSpecAreConflicts) {
  Create(2);
  for (int64_t i = 0; i < 5; ++i) Append(Numbers(i * 60, 60));
  TableChange respec = NewChange();
  respec.changes.updates = {
      iceberg::AddPartitionSpec{{.id = iceberg::SpecId(1),
                                 .fields = {{.source_ids = {FieldId(2)},
                                             .id = iceberg::PartitionFieldId(1000),
                                             .name = "s"}}}},
      iceberg::SetDefaultSpec{}};
  const TableChange deletion = Deletion(EqualityFile({7}));
  Commit(respec);
  const auto groups = Plan();
  ASSERT_THAT(groups, SizeIs(1));
  const auto prepared = TryPrepare(Load(), groups[0], {});
  ASSERT_TRUE(prepared) << prepared.error().message;
  Commit(deletion);
  const auto lost = TryCommit(ChangeOf(*prepared));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ErrorKind::kConflict) << lost.error().message;
}

TEST_F(RewriteDataFilesTest, LargeFilesAreSplit) {
  Create(2);
  Append(Numbers(0, 200'000));
  const int64_t size = PlanNow().files[0].file().file_size_bytes;
  const RewriteDataFilesOptions options{.target_file_size_bytes = size / 3};
  const auto groups = Plan(options);
  ASSERT_THAT(groups, SizeIs(1));
  RewriteAll(options);
  EXPECT_GT(PlanNow().files.size(), 1U);
  EXPECT_TRUE(engine::SameRows(TableRows(), Numbers(0, 200'000)));
}

TEST_F(RewriteDataFilesTest, RacesEndAsTheSpecificationSays) {
  Create(3);
  std::vector<DataFile> files;
  for (int64_t i = 0; i < 5; ++i) files.push_back(Append(Numbers(i * 10, 10)));
  const iceberg::LoadedTable base = Load();
  const auto groups = Plan();
  ASSERT_THAT(groups, SizeIs(1));
  const auto first = TryPrepare(base, groups[0], {});
  const auto second = TryPrepare(base, groups[0], {});
  ASSERT_TRUE(first && second);
  // An append and an equality delete do no harm; the delete reaches the rewritten rows.
  Append(Numbers(100, 1));
  DeleteEqual({7});
  const TableChange late = Deletion(DeletesIn(files[2], {0}));
  Commit(ChangeOf(*first));
  auto expected = Without(Numbers(0, 50), {7});
  expected.push_back(Numbers(100, 1)[0]);
  EXPECT_TRUE(engine::SameRows(SortedRows(), expected));
  // The other rewrite of the same files loses, and so does a delete in one of them.
  for (const TableChange& change : {ChangeOf(*second), late}) {
    const auto lost = TryCommit(change);
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().kind, ErrorKind::kConflict) << lost.error().message;
  }
}

TEST_F(RewriteDataFilesTest, LosesToDeletesOfItsFiles) {
  for (const int32_t version : {2, 3}) {
    Create(version);
    std::vector<DataFile> files;
    for (int64_t i = 0; i < 5; ++i) files.push_back(Append(Numbers(i * 10, 10)));
    const auto groups = Plan();
    ASSERT_THAT(groups, SizeIs(1));
    const auto prepared = TryPrepare(Load(), groups[0], {});
    ASSERT_TRUE(prepared);
    Delete(files[3], {4});
    const auto lost = TryCommit(ChangeOf(*prepared));
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().kind, ErrorKind::kConflict);
    EXPECT_TRUE(engine::SameRows(TableRows(), Without(Numbers(0, 50), {34})));
  }
}

TEST_F(RewriteDataFilesTest, RowsAreSortedWhenAsked) {
  Create(3);
  TableChange order = NewChange();
  const auto by = [](int32_t field, bool descending, iceberg::NullOrder nulls) {
    return iceberg::SortField{
        .source_ids = {FieldId(field)}, .descending = descending, .null_order = nulls};
  };
  order.changes.updates = {
      iceberg::AddSortOrder{{.id = iceberg::SortOrderId(1),
                             .fields = {by(2, true, iceberg::NullOrder::kNullsLast),
                                        by(1, false, iceberg::NullOrder::kNullsFirst)}}},
      iceberg::SetDefaultSortOrder{}};
  Commit(order);
  const auto row = [](int64_t n, const char* s) {
    return Row{Cell(Value(n)), s == nullptr ? Cell() : Cell(Value(std::string(s)))};
  };
  Append({row(5, "b"), row(1, nullptr), row(4, "a")});
  Append({row(3, "a"), Row{Cell(), Cell(Value(std::string("a")))}, row(2, "ab")});
  RewriteAll({.rewrite_all = true, .sort = true});
  EXPECT_TRUE(engine::SameRows(
      TableRows(), {row(5, "b"), row(2, "ab"), Row{Cell(), Cell(Value(std::string("a")))},
                    row(3, "a"), row(4, "a"), row(1, nullptr)}));
  // Row ids went with their rows: 0, 5, 4, 3, 2, 1.
  std::vector<int64_t> ids;
  for (const Row& found : RowsWithLineage()) ids.push_back(std::get<int64_t>(found[2].value));
  EXPECT_THAT(ids, ElementsAre(0, 5, 4, 3, 2, 1));
  EXPECT_EQ(PlanNow().files[0].file().sort_order_id, Load().metadata->default_sort_order_id);
}

TEST_F(RewriteDataFilesTest, CanBeCancelled) {
  Create(2);
  for (int64_t i = 0; i < 5; ++i) Append(Numbers(i * 10, 10));
  const std::atomic<bool> cancelled = true;
  const auto prepared = TryPrepare(Load(), Plan()[0], {}, {.cancelled = &cancelled});
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().kind, ErrorKind::kCancelled);
}

TEST_F(RewriteDataFilesTest, SenselessOptionsAreRefused) {
  Create(2);
  Append(Numbers(0, 1));
  for (const RewriteDataFilesOptions& options :
       {RewriteDataFilesOptions{.target_file_size_bytes = -1},
        RewriteDataFilesOptions{.min_file_size_ratio = 1},
        RewriteDataFilesOptions{.max_file_size_ratio = 1},
        RewriteDataFilesOptions{.max_group_bytes = 0}, RewriteDataFilesOptions{.min_growth = -1},
        RewriteDataFilesOptions{.min_growth = std::nan("")}}) {
    const auto groups = PlanRewriteDataFiles(context_, Load(), options);
    ASSERT_FALSE(groups);
    EXPECT_EQ(groups.error().kind, ErrorKind::kInvalidArgument);
  }
}

}  // namespace
}  // namespace tarn::table
