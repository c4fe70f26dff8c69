// SPDX-License-Identifier: Apache-2.0
// Scans of files with deletes: vectors, position delete files, equality deletes. What must come
// back is computed from the rows, row by row.
#include <set>

#include "engine/testing/test_engine.h"
#include "iceberg/deletes/puffin.h"
#include "iceberg/model/metadata_columns.h"

namespace tarn::engine {
namespace {

using namespace std::string_literals;
using iceberg::DataFile;
using iceberg::FileContent;
using iceberg::SequenceNumber;

const Type kInt = Type::Primitive(TypeKind::kInt);
const Type kLong = Type::Primitive(TypeKind::kLong);
const Type kString = Type::Primitive(TypeKind::kString);

class DeleteScanTest : public EngineTest {
 protected:
  DeleteScanTest() {
    metadata_ = std::make_shared<iceberg::TableMetadata>();
    metadata_->schemas.emplace_back();
    metadata_->schemas.back().fields = fields_;
  }

  static Row NumberRow(int64_t n) {
    return {Cell(Value(n)), n % 7 == 0 ? Cell() : Cell(Value("s" + std::to_string(n % 10)))};
  }
  static std::vector<Row> Numbers(int64_t first, int64_t count) {
    std::vector<Row> rows;
    for (int64_t n = first; n < first + count; ++n) rows.push_back(NumberRow(n));
    return rows;
  }
  /// Rows first..first+count-1 but those that `gone` names.
  template <typename Gone>
  static std::vector<Row> Without(int64_t first, int64_t count, Gone gone) {
    std::vector<Row> rows;
    for (int64_t n = first; n < first + count; ++n) {
      if (!gone(n)) rows.push_back(NumberRow(n));
    }
    return rows;
  }

  DataFile Write(const std::vector<Field>& fields, const std::vector<Row>& rows) {
    return WriteFile(fields, rows);
  }

  /// An entry that outlives the plans of the test.
  iceberg::DeleteFile Source(DataFile file, int64_t sequence) {
    auto manifest = std::make_shared<iceberg::Manifest>();
    manifest->entries.push_back(
        {.sequence_number = SequenceNumber(sequence), .data_file = std::move(file)});
    return {manifest, manifest->entries.data()};
  }

  DataFile Vectors(const std::vector<std::pair<std::string, iceberg::PositionBitmap>>& vectors,
                   size_t which) {
    iceberg::PuffinWriter writer;
    std::vector<iceberg::PuffinBlob> blobs;
    for (const auto& [file, positions] : vectors) {
      blobs.push_back(writer.AddDeletionVector(file, positions).value());
    }
    DataFile entry{.content = FileContent::kPositionDeletes,
                   .file_path = NewLocation() + ".puffin",
                   .file_format = "PUFFIN",
                   .record_count = vectors[which].second.cardinality(),
                   .referenced_data_file = vectors[which].first,
                   .content_offset = blobs[which].offset,
                   .content_size_bytes = blobs[which].length};
    EXPECT_TRUE(storage_->Put(entry.file_path, writer.Finish(), storage::PutMode::kIfAbsent));
    return entry;
  }
  DataFile Vector(const DataFile& file, const std::vector<int64_t>& positions) {
    iceberg::PositionBitmap bitmap;
    bitmap.Add(positions);
    return Vectors({{file.file_path, bitmap}}, 0);
  }

  DataFile PositionFile(const std::vector<std::pair<std::string, int64_t>>& deleted) {
    std::vector<Row> rows;
    for (const auto& [path, position] : deleted) {
      rows.push_back({Cell(Value(path)), Cell(Value(position))});
    }
    DataFile file = WriteFile(
        {MakeField(2147483546, "file_path", kString), MakeField(2147483545, "pos", kLong)}, rows);
    file.content = FileContent::kPositionDeletes;
    return file;
  }

  DataFile EqualityFile(const std::vector<Field>& keys, const std::vector<Row>& rows) {
    DataFile file = WriteFile(keys, rows);
    file.content = FileContent::kEqualityDeletes;
    for (const Field& key : keys) file.equality_ids.push_back(key.id);
    return file;
  }

  /// Files of sequence number 1, without deletes so far.
  iceberg::ScanPlan Plan(const std::vector<DataFile>& files) {
    auto manifest = std::make_shared<iceberg::Manifest>();
    iceberg::ScanPlan plan;
    plan.metadata = metadata_;
    for (const auto& file : files) {
      manifest->entries.push_back({.sequence_number = SequenceNumber(1), .data_file = file});
    }
    for (const auto& entry : manifest->entries) {
      plan.files.push_back({.manifest = manifest, .entry = &entry, .first_row = plan.total_rows});
      plan.total_rows += entry.data_file.record_count;
    }
    return plan;
  }
  iceberg::FileDeletes& DeletesOf(iceberg::ScanPlan& plan, size_t file) {
    auto deletes = std::make_shared<iceberg::FileDeletes>();
    if (plan.files[file].deletes) *deletes = *plan.files[file].deletes;
    iceberg::FileDeletes& result = *deletes;
    plan.files[file].deletes = std::move(deletes);
    return result;
  }
  void AddEquality(iceberg::ScanPlan& plan, DataFile file, int64_t sequence = 2) {
    plan.equality_deletes.push_back({Source(std::move(file), sequence), std::nullopt});
    for (size_t i = 0; i < plan.files.size(); ++i) DeletesOf(plan, i).by_equality = true;
  }

  int64_t Count(const iceberg::ScanPlan& plan, std::optional<int64_t> begin = {},
                std::optional<int64_t> end = {}) {
    auto stream =
        engine_->OpenScan({.plan = plan, .columns = {}, .row_begin = begin, .row_end = end})
            .value();
    int64_t rows = 0;
    std::vector<uint8_t> bytes;
    while (true) {
      const auto more = stream->Next(bytes);
      EXPECT_TRUE(more) << more.error().message;
      if (!more || bytes.empty()) return rows;
      rows += DecodeBatch(bytes, {}).value().rows;
    }
  }
  void ExpectRows(const iceberg::ScanPlan& plan, const std::vector<Row>& expected) {
    EXPECT_TRUE(SameRows(Scan({.plan = plan, .columns = ColumnsOf(fields_)}), expected));
    EXPECT_EQ(Count(plan), static_cast<int64_t>(expected.size()));
  }
  std::string Failure(const iceberg::ScanPlan& plan) {
    const auto rows = TryScan({.plan = plan, .columns = ColumnsOf(fields_)});
    return rows ? std::string() : rows.error().message + " " + rows.error().detail;
  }

  const std::vector<Field> fields_ = {MakeField(1, "n", kLong), MakeField(2, "s", kString)};
  std::shared_ptr<iceberg::TableMetadata> metadata_;
};

TEST_F(DeleteScanTest, VectorsTakeRowsAway) {
  const auto file = WriteFile(fields_, Numbers(0, 30'000), {.row_group_rows = 8192});
  const auto other = WriteFile(fields_, Numbers(30'000, 10));
  const std::set<int64_t> gone = {0, 1, 2047, 2048, 8191, 8192, 20'000, 29'999};
  auto plan = Plan({file, other});
  DeletesOf(plan, 0).vector = Source(Vector(file, {gone.begin(), gone.end()}), 1);
  ExpectRows(plan, Without(0, 30'010, [&](int64_t n) { return gone.contains(n); }));
}

TEST_F(DeleteScanTest, VectorsMayTakeAllRowsOrWholeRowGroups) {
  const auto file = WriteFile(fields_, Numbers(0, 10'000), {.row_group_rows = 2048});
  iceberg::PositionBitmap all;
  all.AddRange(0, 10'000);
  iceberg::PositionBitmap middle;
  middle.AddRange(2048, 6144);
  auto plan = Plan({file});
  DeletesOf(plan, 0).vector = Source(Vectors({{file.file_path, all}}, 0), 1);
  ExpectRows(plan, {});
  DeletesOf(plan, 0).vector = Source(Vectors({{file.file_path, middle}}, 0), 1);
  ExpectRows(plan, Without(0, 10'000, [](int64_t n) { return n >= 2048 && n < 6144; }));
}

// rust#1806, rust#2615: skipped row groups must not shift positions.
TEST_F(DeleteScanTest, T3Rust1806RowNumbersAndFiltersKeepPositions) {
  const auto file = WriteFile(fields_, Numbers(0, 20'000), {.row_group_rows = 2048});
  auto plan = Plan({file});
  DeletesOf(plan, 0).vector = Source(Vector(file, {15'000, 15'002, 3}), 1);
  const Filter late{.op = FilterOp::kGreaterOrEqual,
                    .field = FieldId(1),
                    .type = kLong,
                    .values = {Value(int64_t{14'999})}};
  const auto rows = Scan({.plan = plan,
                          .columns = {{.field = fields_[0], .default_value = {}}},
                          .filter = late,
                          .limit = 3,
                          .row_numbers = true});
  const auto row = [](int64_t n) { return Row{Cell(Value(n)), Cell(Value(n))}; };
  EXPECT_TRUE(SameRows(rows, {row(14'999), row(15'001), row(15'003)}));
  const auto part = Scan({.plan = plan,
                          .columns = {{.field = fields_[0], .default_value = {}}},
                          .row_begin = 14'999,
                          .row_end = 15'003,
                          .row_numbers = true});
  EXPECT_TRUE(SameRows(part, {row(14'999), row(15'001)}));
  EXPECT_EQ(Count(plan, 14'999, 15'003), 2);
}

TEST_F(DeleteScanTest, VectorsOfOneFileAreFoundByTheirOffset) {
  const auto a = WriteFile(fields_, Numbers(0, 10));
  const auto b = WriteFile(fields_, Numbers(10, 10));
  iceberg::PositionBitmap first;
  first.Add(1);
  iceberg::PositionBitmap second;
  second.Add(std::vector<int64_t>{2, 3});
  const std::vector<std::pair<std::string, iceberg::PositionBitmap>> both = {{a.file_path, first},
                                                                             {b.file_path, second}};
  auto plan = Plan({a, b});
  DeletesOf(plan, 0).vector = Source(Vectors(both, 0), 1);
  DeletesOf(plan, 1).vector = Source(Vectors(both, 1), 1);
  ExpectRows(plan, Without(0, 20, [](int64_t n) { return n == 1 || n == 12 || n == 13; }));
}

TEST_F(DeleteScanTest, VectorsThatLieAreErrors) {
  const auto file = WriteFile(fields_, Numbers(0, 10));
  auto plan = Plan({file});
  const auto with = [&](DataFile vector) {
    DeletesOf(plan, 0).vector = Source(std::move(vector), 1);
    return Failure(plan);
  };
  EXPECT_NE(with(Vector(file, {10})).find("deletes row 10 of 10"), std::string::npos);
  DataFile vector = Vector(file, {1});
  vector.record_count = 2;
  EXPECT_NE(with(vector).find("manifest entry says 2"), std::string::npos);
  vector = Vector(file, {1});
  *vector.content_offset += 1;
  EXPECT_NE(with(vector).find("malformed deletion vector"), std::string::npos);
  *vector.content_offset = 1 << 20;
  EXPECT_NE(with(vector).find("ends before"), std::string::npos);
  vector.file_path += ".gone";
  EXPECT_NE(with(vector).find("does not exist"), std::string::npos);
}

TEST_F(DeleteScanTest, PositionFilesAreReadByPath) {
  const auto a = WriteFile(fields_, Numbers(0, 5'000));
  const auto b = WriteFile(fields_, Numbers(5'000, 5'000));
  auto plan = Plan({a, b});
  const auto both = Source(PositionFile({{a.file_path, 7},
                                         {a.file_path, 4'999},
                                         {b.file_path, 0},
                                         {"s3://bucket/elsewhere.parquet", 3}}),
                           1);
  const auto more = Source(PositionFile({{a.file_path, 7}, {b.file_path, 1}}), 1);
  DeletesOf(plan, 0).positions = {both, more};
  DeletesOf(plan, 1).positions = {both};  // `more` is of another scope
  const auto gone = [](int64_t n) { return n == 7 || n == 4'999 || n == 5'000; };
  ExpectRows(plan, Without(0, 10'000, gone));
  ExpectRows(plan, Without(0, 10'000, gone));  // from the store
  DeletesOf(plan, 1).positions = {both, more};
  ExpectRows(plan, Without(0, 10'000, [&](int64_t n) { return gone(n) || n == 5'001; }));
  DeletesOf(plan, 0).positions = {Source(PositionFile({{a.file_path, 5'000}}), 1)};
  EXPECT_NE(Failure(plan).find("deletes row 5000"), std::string::npos);
}

TEST_F(DeleteScanTest, EqualityDeletesMatchByValueAndNullMatchesNull) {
  const auto file = WriteFile(fields_, Numbers(0, 10'000), {.row_group_rows = 2048});
  auto plan = Plan({file});
  AddEquality(plan, EqualityFile({fields_[0]}, {{Cell(Value(int64_t{5}))},
                                                {Cell(Value(int64_t{9'998}))},
                                                {Cell(Value(int64_t{77'777}))}}));
  ExpectRows(plan, Without(0, 10'000, [](int64_t n) { return n == 5 || n == 9'998; }));
  // rust#2781: null in a key column.
  AddEquality(plan, EqualityFile({fields_[1]}, {{Cell()}, {Cell(Value("s3"s))}}));
  const auto gone = [](int64_t n) { return n == 5 || n == 9'998 || n % 7 == 0 || n % 10 == 3; };
  ExpectRows(plan, Without(0, 10'000, gone));
  // A column that the scan does not ask for.
  EXPECT_EQ(Scan({.plan = plan, .columns = {{.field = fields_[0], .default_value = {}}}}).size(),
            Without(0, 10'000, gone).size());
}

TEST_F(DeleteScanTest, EqualityDeletesOverSeveralColumnsMatchTogether) {
  const auto file = WriteFile(fields_, Numbers(0, 100));
  auto plan = Plan({file});
  AddEquality(plan, EqualityFile(fields_, {{Cell(Value(int64_t{1})), Cell(Value("s1"s))},
                                           {Cell(Value(int64_t{2})), Cell(Value("s1"s))},
                                           {Cell(Value(int64_t{14})), Cell()}}));
  ExpectRows(plan, Without(0, 100, [](int64_t n) { return n == 1 || n == 14; }));
}

TEST_F(DeleteScanTest, EqualityDeletesKeepToTheirScope) {
  const auto old = WriteFile(fields_, Numbers(0, 10));
  const auto elsewhere = WriteFile(fields_, Numbers(10, 10));
  const auto newer = WriteFile(fields_, Numbers(20, 10));
  auto plan = Plan({old, elsewhere, newer});
  auto entry = *plan.files[2].entry;
  entry.sequence_number = SequenceNumber(2);
  plan.files[2].entry = &entry;
  std::vector<Row> keys;
  for (int64_t n = 0; n < 30; n += 2) keys.push_back({Cell(Value(n))});
  AddEquality(plan, EqualityFile({fields_[0]}, keys));
  DeletesOf(plan, 1).partition = 1;
  plan.equality_deletes[0].partition = 0;
  ExpectRows(plan, Without(0, 30, [](int64_t n) { return n < 10 && n % 2 == 0; }));
  plan.equality_deletes[0].partition.reset();
  ExpectRows(plan, Without(0, 30, [](int64_t n) { return n < 20 && n % 2 == 0; }));
}

// ddb#1217: more columns than those that are compared; go#1951: a key column that was dropped
// since.
TEST_F(DeleteScanTest, T3Go1951DroppedKeyColumnsStillDelete) {
  const std::vector<Field> then = {MakeField(1, "n", kInt), MakeField(3, "key", kInt)};
  std::vector<Row> rows;
  for (int32_t n = 0; n < 10; ++n) rows.push_back({Cell(Value(n)), Cell(Value(n * n))});
  const auto file = WriteFile(then, rows);
  iceberg::Schema schema;
  schema.id = iceberg::SchemaId(7);
  schema.fields = then;
  metadata_->schemas.insert(metadata_->schemas.begin(), schema);
  auto plan = Plan({file});
  DataFile deletes = EqualityFile({MakeField(3, "key", kInt), MakeField(1, "n", kInt)},
                                  {{Cell(Value(16)), Cell(Value(999))}});
  deletes.equality_ids = {FieldId(3)};
  AddEquality(plan, deletes);
  EXPECT_EQ(Count(plan), 9);
  const auto left = Scan({.plan = plan, .columns = {{.field = fields_[0], .default_value = {}}}});
  for (const Row& row : left) EXPECT_FALSE(SameRows({row}, {{Cell(Value(int64_t{4}))}}));
  EXPECT_EQ(left.size(), 9U);
}

TEST_F(DeleteScanTest, KeysMissingInOldFilesHaveTheirDefault) {
  const auto old = Write({fields_[0]}, {{Cell(Value(int64_t{0}))}, {Cell(Value(int64_t{7}))}});
  Field added = MakeField(9, "added", kLong);
  metadata_->schemas.back().fields.push_back(added);
  auto plan = Plan({old});
  AddEquality(plan, EqualityFile({added}, {{Cell()}}));
  EXPECT_EQ(Count(plan), 0) << "a missing value is null";
  metadata_->schemas.back().fields.back().initial_default = "5";
  auto with_default = Plan({old});
  AddEquality(with_default, EqualityFile({added}, {{Cell()}}));
  EXPECT_EQ(Count(with_default), 2);
  AddEquality(with_default, EqualityFile({added}, {{Cell(Value(int64_t{5}))}}));
  EXPECT_EQ(Count(with_default), 0);
}

TEST_F(DeleteScanTest, AllSortsOfDeletesAddUp) {
  const auto file = WriteFile(fields_, Numbers(0, 100));
  auto plan = Plan({file});
  AddEquality(plan, EqualityFile({fields_[0]}, {{Cell(Value(int64_t{3}))}}));
  DeletesOf(plan, 0).vector = Source(Vector(file, {4}), 1);
  ExpectRows(plan, Without(0, 100, [](int64_t n) { return n == 3 || n == 4; }));
}

TEST_F(DeleteScanTest, ASmallStoreForgetsAndStaysRight) {
  Restart({.delete_cache_bytes = 2'000});
  std::vector<DataFile> files;
  for (int64_t i = 0; i < 20; ++i) files.push_back(WriteFile(fields_, Numbers(i * 10, 10)));
  auto plan = Plan(files);
  for (size_t i = 0; i < files.size(); ++i) {
    DeletesOf(plan, i).vector = Source(Vector(files[i], {static_cast<int64_t>(i) % 10}), 1);
  }
  const auto gone = [](int64_t n) { return n % 10 == n / 10 % 10; };
  for (int round = 0; round < 2; ++round) ExpectRows(plan, Without(0, 200, gone));
}

TEST_F(DeleteScanTest, MetadataColumnsSayWhereRowsAre) {
  namespace column = iceberg::metadata_column;
  const Field row_id{.id = column::kRowId, .name = "_row_id", .type = kLong};
  const Field updated{
      .id = column::kLastUpdatedSequence, .name = "_last_updated_sequence_number", .type = kLong};
  const auto plain = Write({fields_[0]}, {{Cell(Value(int64_t{1}))}, {Cell(Value(int64_t{2}))}});
  // Rows that moved: one kept both numbers, one was changed, one is new.
  const auto moved =
      Write({fields_[0], row_id, updated},
            {{Cell(Value(int64_t{3})), Cell(Value(int64_t{50})), Cell(Value(int64_t{40}))},
             {Cell(Value(int64_t{4})), Cell(Value(int64_t{51})), Cell()},
             {Cell(Value(int64_t{5})), Cell(), Cell()}});
  auto plan = Plan({plain, moved});
  auto first = *plan.files[0].entry;
  first.data_file.first_row_id = 100;
  plan.files[0].entry = &first;
  auto second = *plan.files[1].entry;
  second.data_file.first_row_id = 200;
  second.sequence_number = SequenceNumber(6);
  plan.files[1].entry = &second;
  plan.files[1].spec_id = iceberg::SpecId(3);
  DeletesOf(plan, 0).vector = Source(Vector(plain, {0}), 1);
  const std::vector<Field> columns = {fields_[0],
                                      row_id,
                                      updated,
                                      {.id = column::kFile, .name = "_file", .type = kString},
                                      {.id = column::kPosition, .name = "_pos", .type = kLong},
                                      {.id = column::kSpecId, .name = "_spec_id", .type = kInt}};
  const auto row = [&](int64_t n, int64_t id, int64_t sequence, const DataFile& file,
                       int64_t position, int32_t spec) {
    return Row{Cell(Value(n)),        Cell(Value(id)),
               Cell(Value(sequence)), Cell(Value(file.file_path)),
               Cell(Value(position)), Cell(Value(spec))};
  };
  const std::vector<Row> expected = {row(2, 101, 1, plain, 1, 0), row(3, 50, 40, moved, 0, 3),
                                     row(4, 51, 6, moved, 1, 3), row(5, 202, 6, moved, 2, 3)};
  EXPECT_TRUE(SameRows(Scan({.plan = plan, .columns = ColumnsOf(columns)}), expected));
  // ddb#1311: filters, also on the metadata itself.
  const auto filtered = [&](const Field& field, Value value) {
    return Scan({.plan = plan,
                 .columns = ColumnsOf(columns),
                 .filter = Filter{.op = FilterOp::kEqual,
                                  .field = field.id,
                                  .type = field.type,
                                  .values = {std::move(value)}}});
  };
  EXPECT_TRUE(SameRows(filtered(fields_[0], int64_t{5}), {expected[3]}));
  EXPECT_TRUE(SameRows(filtered(row_id, int64_t{51}), {expected[2]}));
  EXPECT_TRUE(
      SameRows(filtered(columns[3], moved.file_path), {expected[1], expected[2], expected[3]}));
  EXPECT_TRUE(SameRows(filtered(columns[5], int32_t{0}), {expected[0]}));
  EXPECT_TRUE(SameRows(filtered(columns[4], int64_t{1}), {expected[0], expected[2]}));
}

TEST_F(DeleteScanTest, FilesOutsideRowLineageHaveNoRowIds) {
  const Field row_id{.id = iceberg::metadata_column::kRowId, .name = "_row_id", .type = kLong};
  const auto file = Write({fields_[0]}, {{Cell(Value(int64_t{1}))}});
  EXPECT_TRUE(SameRows(Scan({.plan = Plan({file}), .columns = ColumnsOf({fields_[0], row_id})}),
                       {{Cell(Value(int64_t{1})), Cell()}}));
}

TEST_F(DeleteScanTest, IdentityPartitionsFillAbsentColumns) {
  const auto file = Write({fields_[0]}, {{Cell(Value(int64_t{1}))}, {Cell(Value(int64_t{2}))}});
  auto plan = Plan({file});
  auto manifest = std::make_shared<iceberg::Manifest>(*plan.files[0].manifest);
  manifest->header.spec.fields = {{.source_ids = {FieldId(2)}, .name = "s"},
                                  {.source_ids = {FieldId(3)}, .name = "promoted"}};
  manifest->entries[0].data_file.partition = {Value("p"s), Value(int32_t{9})};
  plan.files[0].manifest = manifest;
  plan.files[0].entry = manifest->entries.data();
  const std::vector<Field> columns = {fields_[0], fields_[1], MakeField(3, "promoted", kLong)};
  const auto row = [](int64_t n) {
    return Row{Cell(Value(n)), Cell(Value("p"s)), Cell(Value(int64_t{9}))};
  };
  EXPECT_TRUE(SameRows(Scan({.plan = plan, .columns = ColumnsOf(columns)}), {row(1), row(2)}));
  const auto filtered = [&](const char* value) {
    return Scan({.plan = plan,
                 .columns = ColumnsOf(columns),
                 .filter = Filter{.op = FilterOp::kEqual,
                                  .field = FieldId(2),
                                  .type = kString,
                                  .values = {Value(std::string(value))}}})
        .size();
  };
  EXPECT_EQ(filtered("p"), 2U);
  EXPECT_EQ(filtered("q"), 0U);
}

TEST_F(DeleteScanTest, InitialDefaultsFillAbsentColumns) {
  const auto file = Write({fields_[0]}, {{Cell(Value(int64_t{1}))}});
  Field text = MakeField(5, "text", kString);
  text.initial_default = "\"new\"";
  EXPECT_TRUE(SameRows(Scan({.plan = Plan({file}), .columns = ColumnsOf({fields_[0], text})}),
                       {{Cell(Value(int64_t{1})), Cell(Value("new"s))}}));
}

}  // namespace
}  // namespace tarn::engine
