// SPDX-License-Identifier: Apache-2.0
// Deletes and updates in both encodings. That other engines see the same: tests/interop.
#include "table/row_update.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "table/testing/row_lake.h"

// g++ 12 warns wrongly of variants in long initialiser lists.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

namespace tarn::table {
namespace {

using iceberg::LoadedTable;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

const Type kInt = Type::Primitive(TypeKind::kInt);
const Type kLong = Type::Primitive(TypeKind::kLong);

Filter IdIs(FilterOp op, std::vector<int32_t> ids) {
  Filter filter{.op = op, .field = FieldId(1), .type = kInt};
  for (const int32_t id : ids) filter.values.emplace_back(id);
  return filter;
}

std::vector<Row> Ids(int32_t begin, int32_t end) {
  std::vector<Row> rows;
  for (int32_t id = begin; id < end; ++id) rows.push_back({Value(id), Value(id * 10)});
  return rows;
}

/// In both versions that have deletes.
class RowUpdateTest : public testing::TestWithParam<int32_t> {
 protected:
  LoadedTable Create(iceberg::PartitionSpec spec = {}) {
    return lake_.Create("t", fields_, std::move(spec), GetParam());
  }
  bool vectors() const { return GetParam() >= 3; }

  LoadedTable Delete(const Filter& filter) {
    return lake_.Commit(
        "t", Must(DeleteRows(lake_.context(), lake_.NewWriter(), lake_.Load("t"), filter)));
  }

  std::set<int32_t> LiveIds() {
    std::set<int32_t> ids;
    for (const Row& row : lake_.Rows(lake_.Load("t"))) {
      EXPECT_TRUE(ids.insert(std::get<int32_t>(row[0].value)).second);
    }
    return ids;
  }

  /// Rows with their row ids and the numbers of the commits that changed them.
  std::vector<Row> RowsWithLineage() {
    engine::ScanRequest request{.plan = lake_.Plan(lake_.Load("t"))};
    for (const Field& field : fields_) request.columns.push_back(RowLake::ColumnOf(field));
    request.columns.push_back(
        RowLake::ColumnOf({.id = iceberg::metadata_column::kRowId, .type = kLong}));
    request.columns.push_back(
        RowLake::ColumnOf({.id = iceberg::metadata_column::kLastUpdatedSequence, .type = kLong}));
    return lake_.Scan(std::move(request));
  }

  /// Live delete files of the table by the data file that each names, with their rows.
  std::multimap<std::string, int64_t> DeleteFiles() {
    std::multimap<std::string, int64_t> found;
    const auto table = lake_.Load("t");
    const auto context = MakeCommitContext(lake_.context(), Uuid());
    const auto list =
        Must(context.cache->ManifestList(table.metadata->current_snapshot()->manifest_list));
    for (const iceberg::ManifestFile& line : *list) {
      if (line.content != iceberg::ManifestContent::kDeletes) continue;
      for (const auto& entry : Must(context.cache->ReadManifest(line))->entries) {
        if (entry.status == iceberg::EntryStatus::kDeleted) continue;
        found.emplace(entry.data_file.referenced_data_file.value_or(""),
                      entry.data_file.record_count);
        delete_paths_.insert(entry.data_file.file_path);
      }
    }
    return found;
  }

  const std::vector<Field> fields_ = {Column(1, "id", kInt), Column(2, "n", kInt)};
  RowLake lake_;
  std::set<std::string> delete_paths_;
};

TEST_P(RowUpdateTest, DeletedRowsGoAndEarlierDeletesAreAbsorbed) {
  Create();
  const std::string first = lake_.Plan(lake_.Append("t", Ids(0, 10))).files[0].file().file_path;
  lake_.Append("t", Ids(10, 20));
  Delete(IdIs(FilterOp::kIn, {1, 2, 13}));
  EXPECT_THAT(LiveIds(), SizeIs(17));
  EXPECT_THAT(DeleteFiles(), SizeIs(2));
  EXPECT_THAT(delete_paths_, SizeIs(vectors() ? 1 : 2));  // vectors share a Puffin file
  const auto table = Delete(IdIs(FilterOp::kLess, {4}));
  EXPECT_EQ(LiveIds(), (std::set<int32_t>{4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 19}));
  const auto deletes = DeleteFiles();
  EXPECT_THAT(deletes, SizeIs(2));  // one for each data file still
  EXPECT_EQ(deletes.find(first)->second, 4);
  const auto& summary = table.metadata->current_snapshot()->summary;
  EXPECT_EQ(table.metadata->current_snapshot()->operation, iceberg::SnapshotOperation::kDelete);
  EXPECT_EQ(summary.at("total-position-deletes"), "5");
  lake_.ExpectSound(table);
}

TEST_P(RowUpdateTest, FilesWithoutRowsAreRemovedWithTheirDeletes) {
  Create();
  lake_.Append("t", Ids(0, 5));
  lake_.Append("t", Ids(5, 10));
  Delete(IdIs(FilterOp::kEqual, {2}));
  const auto change = Must(
      DeleteRows(lake_.context(), lake_.NewWriter(), lake_.Load("t"), IdIs(FilterOp::kLess, {6})));
  EXPECT_EQ(change.deleted_rows, 5);  // one was gone
  EXPECT_THAT(change.changes.removed_data_files, SizeIs(1));
  const auto table = lake_.Commit("t", change);
  EXPECT_EQ(LiveIds(), (std::set<int32_t>{6, 7, 8, 9}));
  EXPECT_THAT(DeleteFiles(), SizeIs(1));
  EXPECT_THAT(lake_.Plan(table).files, SizeIs(1));
  lake_.ExpectSound(table);
  const auto all =
      lake_.Commit("t", Must(DeleteRows(lake_.context(), lake_.NewWriter(), table, std::nullopt)));
  EXPECT_THAT(LiveIds(), IsEmpty());
  EXPECT_THAT(lake_.Plan(all).files, IsEmpty());
  EXPECT_THAT(DeleteFiles(), IsEmpty());
  lake_.ExpectSound(all);
}

TEST_P(RowUpdateTest, DeletingNothingChangesNothing) {
  Create();
  const auto table = lake_.Append("t", Ids(0, 5));
  Delete(IdIs(FilterOp::kEqual, {7}));
  const auto same =
      Must(DeleteRows(lake_.context(), lake_.NewWriter(), table, IdIs(FilterOp::kEqual, {70})));
  EXPECT_THAT(same.written_files, IsEmpty());
  EXPECT_EQ(lake_.Load("t").metadata_location, table.metadata_location);
}

TEST_P(RowUpdateTest, DeletesInEachPartitionOfEachSpec) {
  Create(SpecOf({{1, "truncate[10]"}}));
  lake_.Append("t", Ids(0, 40));
  const auto table = Delete(IdIs(FilterOp::kIn, {5, 15, 16, 39}));
  EXPECT_THAT(LiveIds(), SizeIs(36));
  EXPECT_THAT(DeleteFiles(), SizeIs(3));
  lake_.ExpectSound(table);
}

TEST_P(RowUpdateTest, UpdatedRowsKeepTheirRowIds) {
  Create();
  lake_.Append("t", Ids(0, 4));
  lake_.Append("t", Ids(4, 6));
  const auto negate = [&](const BatchView& batch) -> Result<std::vector<uint8_t>> {
    std::vector<Row> rows = engine::ReadRows({kInt, kInt}, batch);
    for (Row& row : rows) row[1] = Value(-std::get<int32_t>(row[1].value));
    return std::vector<uint8_t>(*engine::EncodeRows(fields_, rows));
  };
  const auto change = Must(UpdateRows(lake_.context(), lake_.NewWriter(), lake_.Load("t"),
                                      IdIs(FilterOp::kIn, {1, 5}), negate));
  EXPECT_EQ(change.deleted_rows, 2);
  EXPECT_EQ(change.inserted_rows, 2);
  const auto table = lake_.Commit("t", change);
  EXPECT_EQ(table.metadata->current_snapshot()->operation, iceberg::SnapshotOperation::kOverwrite);
  std::map<int32_t, Row> rows;
  for (Row& row : RowsWithLineage()) rows[std::get<int32_t>(row[0].value)] = row;
  EXPECT_THAT(rows, SizeIs(6));
  EXPECT_EQ(rows[1][1].value, Value(-10));
  EXPECT_EQ(rows[5][1].value, Value(-50));
  EXPECT_EQ(rows[4][1].value, Value(40));
  for (int32_t id = 0; id < 6; ++id) {
    // Version 2 has no row ids. Commits 1 and 2 appended, the third changed two rows.
    const int64_t sequence = id == 1 || id == 5 ? 3 : id < 4 ? 1 : 2;
    EXPECT_EQ(rows[id][2].value, vectors() ? Value(int64_t{id}) : Value()) << id;
    EXPECT_EQ(rows[id][3].value, vectors() ? Value(sequence) : Value()) << id;
  }
  lake_.ExpectSound(table);
}

TEST_P(RowUpdateTest, OfTwoChangesOfOneFileOneLoses) {
  Create();
  const auto base = lake_.Append("t", Ids(0, 10));
  const auto one =
      Must(DeleteRows(lake_.context(), lake_.NewWriter(), base, IdIs(FilterOp::kEqual, {1})));
  const auto other =
      Must(DeleteRows(lake_.context(), lake_.NewWriter(), base, IdIs(FilterOp::kEqual, {2})));
  lake_.Commit("t", one);
  const auto lost = lake_.TryCommit("t", other.changes, other.snapshot_id);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ErrorKind::kConflict);
}

TEST_P(RowUpdateTest, SerializableDeletesConflictWithMatchingRows) {
  Create();
  const auto base = lake_.Append("t", Ids(0, 10));
  const auto change =
      Must(DeleteRows(lake_.context(), lake_.NewWriter(), base, IdIs(FilterOp::kLess, {5})));
  lake_.Append("t", Ids(100, 105));  // they do not match
  const auto second =
      Must(DeleteRows(lake_.context(), lake_.NewWriter(), base, IdIs(FilterOp::kLess, {5})));
  lake_.Append("t", Ids(3, 4));
  EXPECT_FALSE(lake_.TryCommit("t", second.changes, second.snapshot_id));
  iceberg::ChangeSet snapshot_isolation = change.changes;
  snapshot_isolation.validation.no_new_data = false;
  EXPECT_TRUE(lake_.TryCommit("t", snapshot_isolation, change.snapshot_id));
}

TEST_P(RowUpdateTest, PositionsBeyondTheFileAreRefused) {
  Create();
  const auto base = lake_.Append("t", Ids(0, 10));
  const auto rows =
      Must(OpenRowChangeWriter(lake_.context(), lake_.NewWriter(), base, lake_.Plan(base)));
  const std::vector<int64_t> beyond = {10};
  EXPECT_EQ(rows->Delete(beyond).error().kind, ErrorKind::kInvalidArgument);
  DeletedRows deleted{.file = lake_.Plan(base).files[0]};
  deleted.positions.Add(10);
  const auto written =
      WriteDeletes(lake_.context(), lake_.NewWriter(), base, iceberg::SnapshotId(5), {deleted}, 0);
  EXPECT_EQ(written.error().kind, ErrorKind::kInvalidArgument);
}

TEST_P(RowUpdateTest, DeleteFilesRollByTheirOwnSize) {
  lake_.Create("t", fields_, {}, GetParam(),
               {{"write.target-file-size-bytes", "1"},
                {"write.delete.target-file-size-bytes", "1"},
                {"write.parquet.compression-codec", "gzip"},
                {"write.delete.parquet.compression-codec", "snappy"}});
  for (const int32_t first : {0, 10, 20}) lake_.Append("t", Ids(first, first + 10));
  const auto table = Delete(IdIs(FilterOp::kIn, {1, 11, 21}));
  EXPECT_THAT(DeleteFiles(), SizeIs(3));
  EXPECT_THAT(delete_paths_, SizeIs(3));
  EXPECT_THAT(LiveIds(), SizeIs(27));
  lake_.ExpectSound(table);
}

INSTANTIATE_TEST_SUITE_P(Versions, RowUpdateTest, testing::Values(2, 3));

class SharedDeletesTest : public RowUpdateTest {};

TEST_P(SharedDeletesTest, DeletesThatNameOtherFilesTooStay) {
  Create();
  const std::string a = lake_.Plan(lake_.Append("t", Ids(0, 10))).files[0].file().file_path;
  const auto both = lake_.Plan(lake_.Append("t", Ids(10, 20)));
  std::string b;
  for (const auto& file : both.files) {
    if (file.file().file_path != a) b = file.file().file_path;
  }
  std::vector<Row> rows = {{Value(a), Value(int64_t{3})}, {Value(b), Value(int64_t{3})}};
  std::ranges::sort(rows, {}, [](const Row& row) { return std::get<std::string>(row[0].value); });
  lake_.AddSharedDeletes("t", rows);
  EXPECT_THAT(LiveIds(), SizeIs(18));
  const auto table = Delete(IdIs(FilterOp::kIn, {3, 4}));  // 3 is gone
  EXPECT_THAT(LiveIds(), SizeIs(17));
  EXPECT_EQ(DeleteFiles(), (std::multimap<std::string, int64_t>{{"", 2}, {a, 1}}));
  lake_.ExpectSound(table);
}

TEST_P(SharedDeletesTest, VectorsTakeThemInAfterAnUpgrade) {
  Create();
  const std::string a = lake_.Plan(lake_.Append("t", Ids(0, 10))).files[0].file().file_path;
  lake_.AddSharedDeletes("t", {{Value(a), Value(int64_t{3})}});
  const iceberg::ChangeSet upgrade{.updates = {iceberg::UpgradeFormatVersion{.format_version = 3}}};
  Must(lake_.TryCommit("t", upgrade, iceberg::SnapshotId(1)));
  const auto table = Delete(IdIs(FilterOp::kEqual, {4}));
  EXPECT_EQ(LiveIds(), (std::set<int32_t>{0, 1, 2, 5, 6, 7, 8, 9}));
  EXPECT_EQ(DeleteFiles(), (std::multimap<std::string, int64_t>{{a, 2}}));
  lake_.ExpectSound(table);
}

INSTANTIATE_TEST_SUITE_P(Version2, SharedDeletesTest, testing::Values(2));

TEST(RowUpdate, Version1HasNoDeletes) {
  RowLake lake;
  auto first = Must(iceberg::NewTableMetadata(Uuid::Random(), "s3://bucket/lake/t",
                                              {.fields = {Column(1, "id", kInt)}}, {}, {},
                                              1'700'000'000'000, 1));
  Must(lake.catalog().CreateTable({{}, "t"}, std::move(first)));
  const auto table = lake.Append("t", {{Value(1)}});
  const auto change = DeleteRows(lake.context(), lake.NewWriter(), table, std::nullopt);
  EXPECT_EQ(change.error().kind, ErrorKind::kInvalidArgument);
}

}  // namespace
}  // namespace tarn::table
