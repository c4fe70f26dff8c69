// SPDX-License-Identifier: Apache-2.0
// Files as they are described, and read back by the engine. What other engines make of partitioned
// files: tests/interop.
#include "table/row_writer.h"

#include <gmock/gmock.h>

#include <limits>
#include <map>
#include <random>
#include <set>

#include "table/testing/row_lake.h"

// g++ 12 warns wrongly of variants in long initialiser lists.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

namespace tarn::table {
namespace {

using iceberg::DataFile;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using namespace std::string_literals;

const Type kInt = Type::Primitive(TypeKind::kInt);
const Type kLong = Type::Primitive(TypeKind::kLong);
const Type kString = Type::Primitive(TypeKind::kString);

class RowWriterTest : public testing::Test {
 protected:
  /// The rows of one file, without the table around it.
  std::vector<Row> ReadFile(const DataFile& file, const std::vector<Field>& fields) {
    auto manifest = std::make_shared<iceberg::Manifest>();
    manifest->entries.push_back({.data_file = file});
    engine::ScanRequest request;
    request.plan.emplace();
    request.plan->files.push_back({.manifest = manifest, .entry = &manifest->entries[0]});
    for (const Field& field : fields) request.columns.push_back(RowLake::ColumnOf(field));
    return lake_.Scan(std::move(request));
  }

  Error WriteError(const std::map<std::string, std::string>& properties) {
    const auto table = lake_.Create(fmt::format("t{}", next_table_++), fields_, {}, 2, properties);
    const auto written =
        lake_.TryWrite(*table.metadata, {{Value(1), Value("a"s)}}, {.fields = fields_}, 10);
    EXPECT_FALSE(written);
    return written ? Error{} : written.error();
  }

  const std::vector<Field> fields_ = {Column(1, "id", kInt), Column(2, "name", kString)};
  RowLake lake_;
  int next_table_ = 0;
};

TEST_F(RowWriterTest, RowsGoToTheirPartitionsInTheirOrder) {
  const auto table = lake_.Create("t", fields_, SpecOf({{2, "identity"}, {1, "truncate[10]"}}));
  const auto files = lake_.Write(*table.metadata, {{Value(11), Value("b"s)},
                                                   {Value(-1), Value("a/ä"s)},
                                                   {Value(12), Value("b"s)},
                                                   {Value(3), Cell()},
                                                   {Value(19), Value("b"s)},
                                                   {Cell(), Cell()}});
  std::map<std::string, std::vector<Row>> rows;
  for (const DataFile& file : files) {
    const std::string path = file.file_path.substr(table.metadata->location.size());
    rows[path.substr(0, path.rfind('/'))] = ReadFile(file, fields_);
  }
  const std::map<std::string, std::vector<Row>> expected = {
      {"/data/part_0=b/part_1=10",
       {{Value(11), Value("b"s)}, {Value(12), Value("b"s)}, {Value(19), Value("b"s)}}},
      {"/data/part_0=a%2F%C3%A4/part_1=-10", {{Value(-1), Value("a/ä"s)}}},
      {"/data/part_0=null/part_1=0", {{Value(3), Cell()}}},
      {"/data/part_0=null/part_1=null", {{Cell(), Cell()}}}};
  EXPECT_EQ(rows, expected);
  EXPECT_EQ(files[0].partition, (std::vector<Value>{"b"s, int32_t{10}}));
  EXPECT_EQ(files[0].record_count, 3);
  EXPECT_EQ(files[0].value_counts.at(FieldId(1)), 3);
}

/// Hand-computed: spec, Appendix B (bucket of 34 is hash 2017239379), dates by calendar.
TEST_F(RowWriterTest, TuplesOfAllTransforms) {
  const Type time = Type::Primitive(TypeKind::kTimestamp);
  const std::vector<Field> fields = {
      Column(1, "n", kLong),  Column(2, "t", time),
      Column(3, "u", time),   Column(4, "v", time),
      Column(5, "w", time),   Column(6, "d", Type::Primitive(TypeKind::kDate)),
      Column(7, "s", kString)};
  const auto table = lake_.Create("t", fields,
                                  SpecOf({{1, "bucket[16]"},
                                          {2, "year"},
                                          {3, "month"},
                                          {4, "day"},
                                          {5, "hour"},
                                          {6, "month"},
                                          {7, "truncate[3]"},
                                          {1, "void"}}));
  // 2017-11-16 22:31:08, the specification's own example; one microsecond before 1970.
  const Value then(int64_t{1510871468000000});
  const Value before(int64_t{-1});
  const Value number(int64_t{34});
  const auto files = lake_.Write(
      *table.metadata, {{number, then, then, then, then, Value(17486), Value("iceberg"s)},
                        {number, before, before, before, before, Value(-1), Value("äöüß"s)}});
  ASSERT_THAT(files, SizeIs(2));
  EXPECT_EQ(files[0].partition,
            (std::vector<Value>{2017239379 % 16, 47, 574, 17486, 419686, 574, "ice"s, Value()}));
  EXPECT_EQ(files[1].partition,
            (std::vector<Value>{2017239379 % 16, -1, -1, -1, -1, -1, "äöü"s, Value()}));
  EXPECT_THAT(files[0].file_path,
              HasSubstr("/data/part_0=3/part_1=2017/part_2=2017-11/part_3=2017-11-16/"
                        "part_4=2017-11-16-22/part_5=2017-11/part_6=ice/part_7=null/"));
}

TEST_F(RowWriterTest, SourcesInsideStructsAndNanAndZeros) {
  Type point{.kind = TypeKind::kStruct};
  point.children = {Column(11, "x", Type::Primitive(TypeKind::kDouble))};
  const std::vector<Field> fields = {Column(1, "p", point)};
  const auto table = lake_.Create("t", fields, SpecOf({{11, "identity"}}));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto files = lake_.Write(*table.metadata, {{Cell::Of({Value(nan)})},
                                                   {Cell()},
                                                   {Cell::Of({Value(-nan)})},
                                                   {Cell::Of({Value(0.0)})},
                                                   {Cell::Of({Cell()})},
                                                   {Cell::Of({Value(-0.0)})}});
  std::vector<int64_t> counts;
  for (const DataFile& file : files) counts.push_back(file.record_count);
  EXPECT_THAT(counts, ElementsAre(2, 2, 1, 1));  // NaN, null, 0.0, -0.0
}

TEST_F(RowWriterTest, RollsBySizeAndNamesFilesInOrder) {
  const auto table = lake_.Create("t", fields_);
  std::mt19937 random(3);
  std::vector<Row> rows;
  for (int i = 0; i < 60'000; ++i) {
    rows.push_back({Value(i), Value(std::to_string(random()) + std::to_string(random()))});
  }
  // One batch, larger than a file may be.
  const auto files = Must(lake_.TryWrite(
      *table.metadata, rows, {.fields = fields_, .target_file_size_bytes = 200'000}, rows.size()));
  EXPECT_THAT(files, SizeIs(testing::AllOf(testing::Ge(3U), testing::Le(12U))));
  std::vector<Row> read;
  for (size_t i = 0; i < files.size(); ++i) {
    EXPECT_LT(files[i].file_size_bytes, 600'000);
    EXPECT_THAT(files[i].file_path, HasSubstr(fmt::format("-{:05}.parquet", i)));
    for (Row& row : ReadFile(files[i], fields_)) read.push_back(std::move(row));
  }
  EXPECT_TRUE(engine::SameRows(read, rows));
}

TEST_F(RowWriterTest, FewFilesAreOpenAndNoRowIsLost) {
  const auto table = lake_.Create("t", fields_, SpecOf({{1, "identity"}}));
  std::vector<Row> rows;
  for (int i = 0; i < 400; ++i) rows.push_back({Value(i % 20), Value("row "s + std::to_string(i))});
  const auto files = Must(lake_.TryWrite(
      *table.metadata, rows, {.fields = fields_, .max_open_files = 3, .first_ordinal = 40}, 40));
  // Every partition comes again in each batch, and the files of the others have ended meanwhile.
  EXPECT_THAT(files, SizeIs(testing::Gt(100U)));
  EXPECT_THAT(files[0].file_path, HasSubstr("-00040.parquet"));
  std::multiset<std::string> names;
  std::set<std::string> paths;
  for (const DataFile& file : files) {
    paths.insert(file.file_path);
    for (const Row& row : ReadFile(file, fields_)) {
      EXPECT_EQ(row[0].value, file.partition[0]);
      names.insert(std::get<std::string>(row[1].value));
    }
  }
  EXPECT_EQ(paths.size(), files.size());
  std::multiset<std::string> expected;
  for (const Row& row : rows) expected.insert(std::get<std::string>(row[1].value));
  EXPECT_EQ(names, expected);
}

TEST_F(RowWriterTest, HoldsNoMoreMemoryThanTheBudgetGrants) {
  constexpr int64_t kLimit = 4 << 20;
  MemoryBudget budget(kLimit);
  lake_.context().memory = &budget;
  const auto table = lake_.Create("t", fields_, SpecOf({{1, "truncate[1000]"}}));
  std::vector<Row> rows;
  for (int i = 0; i < 20'000; ++i) rows.push_back({Value(i), Value(std::string(1000, 'x'))});
  const auto files = lake_.Write(*table.metadata, rows, 500);
  EXPECT_THAT(files, SizeIs(testing::Ge(20U)));
  const auto usage = budget.Usage();
  ASSERT_THAT(usage, SizeIs(1));
  EXPECT_EQ(usage[0].used_bytes, 0);
  EXPECT_LE(usage[0].peak_bytes, kLimit);
  EXPECT_GT(usage[0].peak_bytes, 0);
  int64_t count = 0;
  for (const DataFile& file : files) count += file.record_count;
  EXPECT_EQ(count, 20'000);
  lake_.context().memory = nullptr;
}

TEST_F(RowWriterTest, CodecsAndRowGroupsFollowTheProperties) {
  std::vector<Row> rows;
  for (int i = 0; i < 5000; ++i)
    rows.push_back({Value(i), Value("the same text, but for "s + std::to_string(i))});
  std::map<std::string, int64_t> sizes;
  for (const char* codec : {"zstd", "SNAPPY", "gzip", "lz4", "brotli", "uncompressed"}) {
    const auto table = lake_.Create(
        codec, fields_, {}, 2,
        {{"write.parquet.compression-codec", codec}, {"write.parquet.row-group-limit", "2048"}});
    const auto files = lake_.Write(*table.metadata, rows);
    ASSERT_THAT(files, SizeIs(1));
    EXPECT_THAT(files[0].split_offsets, SizeIs(3)) << codec;
    EXPECT_TRUE(engine::SameRows(ReadFile(files[0], fields_), rows)) << codec;
    sizes[codec] = files[0].file_size_bytes;
  }
  for (const auto& [codec, size] : sizes) {
    EXPECT_TRUE(codec == "uncompressed" || size < sizes["uncompressed"]) << codec;
  }
}

TEST_F(RowWriterTest, MetricsFollowTheProperties) {
  const std::map<std::string, std::string> properties = {
      {"write.metadata.metrics.default", "counts"},
      {"write.metadata.metrics.column.name", "truncate(3)"},
      {"write.metadata.metrics.column.note", "full"},
      {"write.metadata.metrics.column.secret", "none"}};
  const std::vector<Field> fields = {Column(1, "id", kInt), Column(2, "name", kString),
                                     Column(3, "note", kString), Column(4, "secret", kString)};
  const auto table = lake_.Create("t", fields, {}, 2, properties);
  const std::string text = "a long text of more than sixteen";
  const auto files =
      lake_.Write(*table.metadata, {{Value(1), Value(text), Value(text), Value(text)}});
  const DataFile& file = files.at(0);
  EXPECT_EQ(file.lower_bounds,
            (iceberg::FieldMap<std::string>{{FieldId(2), "a l"}, {FieldId(3), text}}));
  EXPECT_EQ(file.upper_bounds,
            (iceberg::FieldMap<std::string>{{FieldId(2), "a m"}, {FieldId(3), text}}));
  EXPECT_EQ(file.value_counts,
            (iceberg::FieldMap<int64_t>{{FieldId(1), 1}, {FieldId(2), 1}, {FieldId(3), 1}}));
  EXPECT_FALSE(file.column_sizes_bytes.contains(FieldId(4)));
}

TEST_F(RowWriterTest, WideTablesKeepMetricsOfTheirFirstColumns) {
  std::vector<Field> fields;
  Row row;
  for (int i = 1; i <= 101; ++i) {
    fields.push_back(Column(i, fmt::format("c{}", i), kInt));
    row.emplace_back(Value(i));
  }
  const auto table = lake_.Create("t", fields);
  const DataFile file = lake_.Write(*table.metadata, {row}).at(0);
  EXPECT_TRUE(file.lower_bounds.contains(FieldId(100)));
  EXPECT_FALSE(file.value_counts.contains(FieldId(101)));
}

TEST_F(RowWriterTest, PropertiesThatCannotBeFollowedAreRefused) {
  const std::map<std::string, std::string> refused = {
      {"write.format.default", "orc"},
      {"write.parquet.compression-codec", "lzo"},
      {"write.parquet.compression-level", "99"},
      {"write.parquet.row-group-size-bytes", "128 MB"},
      {"write.target-file-size-bytes", "0"},
      {"write.metadata.metrics.default", "some"},
      {"write.metadata.metrics.column.id", "truncate(0)"},
      {"write.data.path", "s3://bucket/elsewhere"}};
  for (const auto& [property, value] : refused) {
    const Error error = WriteError({{property, value}});
    EXPECT_EQ(error.kind, ErrorKind::kInvalidArgument) << property;
    EXPECT_THAT(error.message, HasSubstr(property));
    EXPECT_THAT(error.message, HasSubstr(value));
    EXPECT_NE(error.hint, "") << property;
  }
}

TEST_F(RowWriterTest, ObjectStorageLayoutHashesNames) {
  const auto table = lake_.Create("t", fields_, SpecOf({{1, "identity"}}), 2,
                                  {{"write.object-storage.enabled", "true"},
                                   {"write.data.path", "s3://bucket/lake/t/data/warm/"}});
  const DataFile file = lake_.Write(*table.metadata, {{Value(1), Value("a"s)}}).at(0);
  EXPECT_THAT(file.file_path,
              testing::MatchesRegex("s3://bucket/lake/t/data/warm/[01]{4}/[01]{4}/[01]{4}/[01]{8}/"
                                    "part_0=1/[0-9a-f-]{36}-00000\\.parquet"));
}

TEST_F(RowWriterTest, LongPartitionValuesMakeNamesThatFileSystemsTake) {
  const auto table = lake_.Create("t", fields_, SpecOf({{2, "identity"}}));
  const std::string text(1000, '/');
  const DataFile file = lake_.Write(*table.metadata, {{Value(1), Value(text)}}).at(0);
  EXPECT_EQ(file.partition, (std::vector<Value>{text}));
  EXPECT_TRUE(engine::SameRows(ReadFile(file, fields_), {{Value(1), Value(text)}}));
}

TEST_F(RowWriterTest, AFailureLeavesNoFile) {
  const auto table = lake_.Create("t", fields_, SpecOf({{1, "truncate[10]"}}));
  const auto written = lake_.TryWrite(
      *table.metadata,
      {{Value(5), Value("a"s)}, {Value(std::numeric_limits<int32_t>::min()), Value("b"s)}},
      {.fields = fields_, .partition_spec_id = table.metadata->default_spec_id}, 1);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::kInvalidArgument);
  int files = 0;
  Must(lake_.storage().List(table.metadata->location + "/data/",
                            [&files](const storage::ObjectInfo&) -> Result<> {
                              ++files;
                              return {};
                            }));
  EXPECT_EQ(files, 0);
}

TEST_F(RowWriterTest, ColumnsThatRowsLackCountAsTheirDefault) {
  std::vector<Field> fields = fields_;
  fields[0].initial_default = "7";
  const auto table = lake_.Create("t", fields, SpecOf({{1, "identity"}}), 3);
  const auto files = Must(lake_.TryWrite(
      *table.metadata, {{Value("a"s)}},
      {.fields = {fields[1]}, .partition_spec_id = table.metadata->default_spec_id}, 10));
  EXPECT_EQ(files.at(0).partition, (std::vector<Value>{7}));
}

}  // namespace
}  // namespace tarn::table
