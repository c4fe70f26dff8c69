// SPDX-License-Identifier: Apache-2.0
// What a scan does besides filtering: schemas that changed, row numbers, ranges, limits, pending
// rows, failures.
#include <atomic>
#include <fstream>
#include <map>
#include <thread>

#include "engine/fatal_error.h"
#include "engine/testing/test_engine.h"
#include "storage/faulty_storage.h"

namespace tarn::engine {
namespace {

using namespace std::string_literals;

const Type kInt = Type::Primitive(TypeKind::kInt);
const Type kLong = Type::Primitive(TypeKind::kLong);
const Type kString = Type::Primitive(TypeKind::kString);

class ScanTest : public EngineTest {
 protected:
  /// Rows first..first+count-1 of one long column.
  static std::vector<Row> Numbers(int64_t first, int64_t count) {
    std::vector<Row> rows;
    for (int64_t i = first; i < first + count; ++i) rows.push_back({Cell(Value(i))});
    return rows;
  }

  PendingRows::Batch BatchOf(const std::vector<Field>& fields, const std::vector<Row>& rows,
                             int64_t first) {
    const auto bytes = EncodeRows(fields, rows);
    return {.owner = bytes,
            .view = Decode(fields, *bytes),
            .fields = std::make_shared<const std::vector<Field>>(fields),
            .first_ordinal = first};
  }

  /// Overwrites bytes of a file that was written.
  void Damage(const iceberg::DataFile& file, int64_t offset, const std::string& bytes) {
    const std::string path =
        scratch_.path() + "/bucket" + file.file_path.substr(std::string("s3://bucket").size());
    std::fstream stream(path, std::ios::in | std::ios::out | std::ios::binary);
    ASSERT_TRUE(stream.is_open()) << path;
    stream.seekp(offset);
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  const std::vector<Field> fields_ = {MakeField(1, "n", kLong)};
};

TEST_F(ScanTest, PromotedRenamedReorderedAndMissingColumns) {
  const Type decimal = Type::Decimal(9, 2);
  const auto file = WriteFile(
      {MakeField(1, "a", kInt), MakeField(2, "b", Type::Primitive(TypeKind::kFloat)),
       MakeField(3, "c", decimal), MakeField(4, "dropped", kString)},
      std::vector<Row>{{Value(7), Value(1.5F), Value(Int128{-123}), Value("x"s)},
                       {Value(-2147483647 - 1), Cell(), Value(Int128{999999999}), Value("y"s)}});
  // Field 5 took the name of a dropped column, and must not read its values.
  const std::vector<Field> now = {
      MakeField(5, "dropped", kString), MakeField(3, "c", Type::Decimal(20, 2)),
      MakeField(1, "renamed", kLong), MakeField(2, "b", Type::Primitive(TypeKind::kDouble))};
  EXPECT_TRUE(SameRows(Scan({.plan = PlanOf({file}), .columns = ColumnsOf(now)}),
                       {{Cell(), Value(Int128{-123}), Value(int64_t{7}), Value(1.5)},
                        {Cell(), Value(Int128{999999999}), Value(int64_t{-2147483648}), Cell()}}));
}

TEST_F(ScanTest, FiltersOnPromotedColumns) {
  std::vector<Row> rows;
  for (int32_t i = -5000; i < 5000; ++i) rows.push_back({Cell(Value(i))});
  const auto file = WriteFile({MakeField(1, "n", kInt)}, rows, {.row_group_rows = 2048});
  const auto count = [&](FilterOp op, int64_t value) {
    return Scan({.plan = PlanOf({file}),
                 .columns = ColumnsOf(fields_),
                 .filter = Filter{.op = op, .field = FieldId(1), .type = kLong, .values = {value}}})
        .size();
  };
  EXPECT_EQ(count(FilterOp::kEqual, 17), 1U);
  EXPECT_EQ(count(FilterOp::kGreater, 4000), 999U);
  // Beyond what an int can hold.
  EXPECT_EQ(count(FilterOp::kEqual, int64_t{1} << 32), 0U);
  EXPECT_EQ(count(FilterOp::kLess, int64_t{1} << 32), 10'000U);
  EXPECT_EQ(count(FilterOp::kNotEqual, int64_t{1} << 32), 10'000U);
  EXPECT_EQ(count(FilterOp::kGreaterOrEqual, -(int64_t{1} << 32)), 10'000U);
}

TEST_F(ScanTest, NestedFieldsAddedAndPromoted) {
  const auto structure = [](std::vector<Field> children) {
    return Type{.kind = TypeKind::kStruct, .children = std::move(children)};
  };
  const auto file = WriteFile(
      {MakeField(1, "s", structure({MakeField(2, "a", kInt), MakeField(3, "b", kString)}))},
      std::vector<Row>{{Cell::Of({Value(1), Value("x"s)})}, {Cell()}});
  const std::vector<Field> now = {
      MakeField(1, "s",
                structure({MakeField(3, "renamed", kString), MakeField(2, "a", kLong),
                           MakeField(9, "c", kInt)}))};
  EXPECT_TRUE(SameRows(Scan({.plan = PlanOf({file}), .columns = ColumnsOf(now)}),
                       {{Cell::Of({Value("x"s), Value(int64_t{1}), Cell()})}, {Cell()}}));
}

TEST_F(ScanTest, RowNumbersAndRanges) {
  std::vector<iceberg::DataFile> files;
  for (int64_t first : {0, 5000, 10'000})
    files.push_back(WriteFile(fields_, Numbers(first, 5000), {.row_group_rows = 2048}));
  const struct {
    int64_t begin, end;
  } ranges[] = {{0, 15'000},      {0, 1},           {4999, 5001},     {7000, 7001}, {2047, 12'049},
                {14'999, 15'000}, {14'999, 99'999}, {15'000, 15'001}, {300, 300}};
  for (const auto [begin, end] : ranges) {
    std::vector<Row> expected;
    for (int64_t i = begin; i < std::min<int64_t>(end, 15'000); ++i)
      expected.push_back({Value(i), Value(i)});
    EXPECT_TRUE(SameRows(Scan({.plan = PlanOf(files),
                               .columns = ColumnsOf(fields_),
                               .row_begin = begin,
                               .row_end = end,
                               .row_numbers = true}),
                         expected))
        << begin << " " << end;
  }
  // A filter leaves the numbers alone.
  const Filter filter{
      .op = FilterOp::kEqual, .field = FieldId(1), .type = kLong, .values = {int64_t{12'345}}};
  EXPECT_TRUE(SameRows(Scan({.plan = PlanOf(files),
                             .columns = {},
                             .filter = filter,
                             .filter_columns = ColumnsOf(fields_),
                             .row_numbers = true}),
                       {{Value(int64_t{12'345})}}));
}

TEST_F(ScanTest, PlanWithoutSomeFilesKeepsTheNumbers) {
  auto plan = PlanOf({WriteFile(fields_, Numbers(0, 10)), WriteFile(fields_, Numbers(10, 10))});
  plan.files.erase(plan.files.begin());
  const auto rows = Scan({.plan = plan, .columns = ColumnsOf(fields_), .row_numbers = true});
  ASSERT_EQ(rows.size(), 10U);
  EXPECT_EQ(rows[0], (Row{Value(int64_t{10}), Value(int64_t{10})}));
}

TEST_F(ScanTest, Limits) {
  const auto file = WriteFile(fields_, Numbers(0, 10'000), {.row_group_rows = 2048});
  for (const int64_t limit : {0, 1, 2047, 2049, 9999, 10'000, 10'001}) {
    const auto rows = Scan({.plan = PlanOf({file}), .columns = ColumnsOf(fields_), .limit = limit});
    EXPECT_TRUE(SameRows(rows, Numbers(0, std::min<int64_t>(limit, 10'000))));
  }
}

TEST_F(ScanTest, CountsWithoutColumns) {
  const auto count = [&](ScanRequest request) {
    auto stream = engine_->OpenScan(std::move(request)).value();
    int64_t rows = 0;
    std::vector<uint8_t> bytes;
    while (stream->Next(bytes).has_value() && !bytes.empty())
      rows += DecodeBatch(bytes, {}).value().rows;
    return rows;
  };
  const auto file = WriteFile(fields_, Numbers(0, 5000));
  EXPECT_EQ(count({.plan = PlanOf({file, file})}), 10'000);
  EXPECT_EQ(count({.plan = PlanOf({file, file}), .row_begin = 4990, .row_end = 5003}), 13);
  EXPECT_EQ(count({.plan = PlanOf({file}), .limit = 7}), 7);
  const Filter filter{
      .op = FilterOp::kLess, .field = FieldId(1), .type = kLong, .values = {int64_t{123}}};
  EXPECT_EQ(count({.plan = PlanOf({file}), .filter = filter, .filter_columns = ColumnsOf(fields_)}),
            123);
}

TEST_F(ScanTest, PendingFilesAndBatchesInOrdinalOrder) {
  PendingRows pending;
  pending.batches.push_back(BatchOf(fields_, Numbers(9000, 10), 9000));
  pending.files.push_back(
      {.file = WriteFile(fields_, Numbers(0, 9000), {.row_group_rows = 2048}), .first_ordinal = 0});
  pending.files.push_back({.file = WriteFile(fields_, Numbers(9010, 90)), .first_ordinal = 9010});
  for (int64_t i = 0; i < 3000; ++i)
    pending.batches.push_back(BatchOf(fields_, Numbers(9100 + i, 1), 9100 + i));
  pending.visible = {{3, 5},       {2040, 2060},   {8999, 9001},    {9005, 9011},
                     {9099, 9101}, {9200, 12'000}, {12'050, 99'999}};
  std::vector<Row> expected = {{Value(int64_t{-1}), Value(int64_t{0})}};
  for (const auto& range : pending.visible) {
    for (int64_t i = range.begin; i < std::min<int64_t>(range.end, 12'100); ++i) {
      expected.push_back({Value(i), Value(kPendingRowBit | i)});
    }
  }
  const auto file = WriteFile(fields_, Numbers(-1, 1));
  EXPECT_TRUE(SameRows(Scan({.plan = PlanOf({file}),
                             .pending = pending,
                             .columns = ColumnsOf(fields_),
                             .row_numbers = true}),
                       expected));
}

TEST_F(ScanTest, PendingBatchesFromBeforeAColumnWasAdded) {
  const Field added = MakeField(2, "added", kString);
  PendingRows pending;
  pending.batches.push_back(BatchOf({MakeField(1, "n", kInt)}, {{Value(1)}, {Cell()}}, 0));
  pending.batches.push_back(
      BatchOf({fields_[0], added}, {{Value(int64_t{2}), Value("two"s)}, {Cell(), Cell()}}, 2));
  pending.visible = {{0, 4}};
  auto columns = ColumnsOf({added, fields_[0]});
  columns[0].default_value = *EncodeRows({added}, std::vector<Row>{{Value("default"s)}});
  EXPECT_TRUE(SameRows(Scan({.pending = pending, .columns = columns}),
                       {{Value("default"s), Value(int64_t{1})},
                        {Value("default"s), Cell()},
                        {Value("two"s), Value(int64_t{2})},
                        {Cell(), Cell()}}));
}

TEST_F(ScanTest, NamesThatDifferByCaseAlone) {
  const std::vector<Field> fields = {MakeField(1, "a", kLong), MakeField(2, "A", kString),
                                     MakeField(3, "odd \"name\" ü", kInt)};
  const std::vector<Row> rows = {{Value(int64_t{1}), Value("one"s), Value(3)}};
  const auto file = WriteFile(fields, rows);
  EXPECT_TRUE(SameRows(Scan({.plan = PlanOf({file}), .columns = ColumnsOf(fields)}), rows));
  const auto facts = engine_->data_file_reader().Examine(file.file_path, true).value();
  ASSERT_EQ(facts.columns.size(), 3U);
  EXPECT_EQ(facts.columns[0].path, "a");
  EXPECT_EQ(facts.columns[1].path, "A");
  EXPECT_EQ(facts.columns[1].id, FieldId(2));
}

class NestedNamesTest : public ScanTest {
 protected:
  static Type Struct(std::vector<Field> children) {
    return Type{.kind = TypeKind::kStruct, .children = std::move(children)};
  }
  static Type List(int32_t id, Type element) {
    return Type{.kind = TypeKind::kList,
                .children = {MakeField(id, "element", std::move(element))}};
  }
  static Type Map(int32_t id, Type value) {
    return Type{
        .kind = TypeKind::kMap,
        .children = {MakeField(id, "key", kString), MakeField(id + 1, "value", std::move(value))}};
  }
  static Cell Pair(Cell a, Cell b) { return Cell::Of({std::move(a), std::move(b)}); }
};

TEST_F(NestedNamesTest, MembersThatDifferByCaseAlone) {
  const auto pair = [](int32_t id, Type second) {
    return Struct({MakeField(id, "a", kInt), MakeField(id + 1, "A", std::move(second))});
  };
  const std::vector<Field> fields = {
      MakeField(1, "s", pair(10, kInt)), MakeField(2, "S", pair(20, kString)),
      MakeField(3, "l", List(30, pair(31, kString))), MakeField(4, "m", Map(40, pair(42, kString))),
      MakeField(5, "deep",
                List(50, Struct({MakeField(51, "X", pair(52, kString)),
                                 MakeField(54, "x", pair(55, kInt))})))};
  const std::vector<Row> rows = {
      {Pair(Value(1), Value(2)), Pair(Value(3), Value("three"s)),
       Cell::Of({Pair(Value(4), Value("four"s)), Cell()}),
       Cell::Of({Pair(Value("k"s), Pair(Value(5), Value("five"s)))}),
       Cell::Of({Pair(Pair(Value(6), Value("six"s)), Pair(Value(7), Value(8)))})},
      {Cell(), Pair(Cell(), Cell()), Cell(), Cell::Of({}), Cell::Of({Cell()})}};
  const auto file = WriteFile(fields, rows);
  EXPECT_TRUE(SameRows(Scan({.plan = PlanOf({file}), .columns = ColumnsOf(fields)}), rows));
  PendingRows pending;
  pending.batches = {BatchOf(fields, rows, 0)};
  pending.visible = {{0, 2}};
  EXPECT_TRUE(SameRows(Scan({.pending = pending, .columns = ColumnsOf(fields)}), rows));

  const auto facts = engine_->data_file_reader().Examine(file.file_path, true);
  ASSERT_TRUE(facts) << facts.error().message;
  std::map<std::string, int32_t> ids;
  for (const auto& column : facts->columns) ids[column.path] = column.id.value();
  EXPECT_EQ(ids["s.a"], 10);
  EXPECT_EQ(ids["s.A"], 11);
  EXPECT_EQ(ids["l.element.A"], 32);
  EXPECT_EQ(ids["m.value.A"], 43);
  EXPECT_EQ(ids["deep.element.x.a"], 55);
}

TEST_F(NestedNamesTest, MembersOfListsAndMapsAreMatchedById) {
  const auto file = WriteFile(
      {MakeField(1, "l", List(2, Struct({MakeField(3, "a", kInt), MakeField(4, "b", kString)}))),
       MakeField(5, "m", Map(6, Struct({MakeField(8, "a", kInt), MakeField(9, "b", kInt)})))},
      std::vector<Row>{{Cell::Of({Pair(Value(1), Value("x"s)), Cell()}),
                        Cell::Of({Pair(Value("k"s), Pair(Value(2), Value(3)))})},
                       {Cell(), Cell::Of({})}});
  // Names changed hands, one was promoted, one is younger than the file.
  const std::vector<Field> now = {
      MakeField(1, "l",
                List(2, Struct({MakeField(4, "a", kString), MakeField(3, "b", kLong),
                                MakeField(20, "c", kInt)}))),
      MakeField(5, "m", Map(6, Struct({MakeField(9, "a", kInt), MakeField(8, "b", kInt)})))};
  EXPECT_TRUE(SameRows(Scan({.plan = PlanOf({file}), .columns = ColumnsOf(now)}),
                       {{Cell::Of({Cell::Of({Value("x"s), Value(int64_t{1}), Cell()}), Cell()}),
                         Cell::Of({Pair(Value("k"s), Pair(Value(3), Value(2)))})},
                        {Cell(), Cell::Of({})}}));
}

TEST_F(NestedNamesTest, AFileWithOtherTypesThanItsTableIsRefused) {
  const auto cell_of = [](const Type& type, const auto& self) -> Cell {
    switch (type.kind) {
      case TypeKind::kStruct:
        return Cell::Of({self(type.children[0].type, self)});
      case TypeKind::kList:
        return Cell::Of({self(type.children[0].type, self)});
      case TypeKind::kMap:
        return Cell::Of({Pair(Value("k"s), self(type.children[1].type, self))});
      case TypeKind::kBoolean:
        return Value(true);
      case TypeKind::kInt:
      case TypeKind::kDate:
        return Value(7);
      case TypeKind::kFloat:
        return Value(7.0F);
      case TypeKind::kDouble:
        return Value(7.5);
      case TypeKind::kDecimal:
        return Value(Int128{750});
      case TypeKind::kUuid:
        return Value(std::string(16, 'u'));
      case TypeKind::kString:
      case TypeKind::kBinary:
        return Value("\\x41"s);
      default:
        return Value(int64_t{7});
    }
  };
  std::vector<Type> types = {Type::Decimal(9, 2), Type::Decimal(9, 3)};
  for (const TypeKind kind :
       {TypeKind::kBoolean, TypeKind::kInt, TypeKind::kLong, TypeKind::kFloat, TypeKind::kDouble,
        TypeKind::kDate, TypeKind::kTime, TypeKind::kTimestamp, TypeKind::kTimestampTz,
        TypeKind::kString, TypeKind::kBinary, TypeKind::kUuid}) {
    types.push_back(Type::Primitive(kind));
  }
  const Type inner = Struct({MakeField(30, "a", kInt)});
  const Type other = Struct({MakeField(30, "a", kString)});
  for (const Type& type : {inner, other, List(20, kInt), List(20, inner), List(20, other),
                           Map(40, kInt), Map(40, inner), Map(40, other)}) {
    types.push_back(type);
  }
  const auto is_read = [](TypeKind from, TypeKind to) {  // with the same values
    if (from == TypeKind::kInt || from == TypeKind::kLong)
      return to == TypeKind::kInt || to == TypeKind::kLong;
    if (from == TypeKind::kFloat) return to == TypeKind::kDouble;
    const bool to_time = to == TypeKind::kTimestamp || to == TypeKind::kTimestampTz;
    return to_time && (from == TypeKind::kDate || from == TypeKind::kTimestamp ||
                       from == TypeKind::kTimestampTz);
  };
  for (const Type& from : types) {
    const auto file =
        WriteFile({MakeField(1, "c", from)}, std::vector<Row>{{cell_of(from, cell_of)}});
    for (const Type& to : types) {
      const auto rows =
          TryScan({.plan = PlanOf({file}), .columns = ColumnsOf({MakeField(1, "c", to)})});
      const auto what = fmt::format("from {} to {}", testing::PrintToString(&from - types.data()),
                                    testing::PrintToString(&to - types.data()));
      if (from == to || is_read(from.kind, to.kind)) {
        EXPECT_TRUE(rows) << what;
        continue;
      }
      ASSERT_FALSE(rows) << what;
      EXPECT_EQ(rows.error().kind, ErrorKind::kCorruption) << what;
      EXPECT_NE(rows.error().message.find(file.file_path), std::string::npos) << what;
      EXPECT_FALSE(rows.error().detail.empty()) << what;
    }
  }
}

TEST_F(ScanTest, ManyFiles) {
  std::vector<iceberg::DataFile> files;
  for (int64_t i = 0; i < 200; ++i) files.push_back(WriteFile(fields_, Numbers(i * 3, 3)));
  for (int round = 0; round < 2; ++round) {  // the second from cached footers
    EXPECT_TRUE(
        SameRows(Scan({.plan = PlanOf(files), .columns = ColumnsOf(fields_)}), Numbers(0, 600)));
  }
}

TEST_F(ScanTest, StringsLongerThanABatch) {
  const std::vector<Field> fields = {MakeField(1, "s", kString)};
  std::vector<Row> rows;
  for (int i = 0; i < 40; ++i)
    rows.push_back({Value(std::string(300'000, static_cast<char>('a' + i % 26)))});
  const auto file = WriteFile(fields, rows);
  EXPECT_TRUE(SameRows(Scan({.plan = PlanOf({file}), .columns = ColumnsOf(fields)}), rows));
}

TEST_F(ScanTest, MissingFileIsNotFoundAndNamed) {
  auto file = WriteFile(fields_, Numbers(0, 10));
  ASSERT_TRUE(storage_->Delete(file.file_path));
  const auto rows = TryScan({.plan = PlanOf({file}), .columns = ColumnsOf(fields_)});
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, ErrorKind::kNotFound);
  EXPECT_NE(rows.error().message.find(file.file_path), std::string::npos) << rows.error().message;
}

TEST_F(ScanTest, CorruptFilesAreNamed) {
  const auto good = WriteFile(fields_, Numbers(0, 5000));
  const int64_t size = good.file_size_bytes;
  const struct {
    int64_t offset;
    std::string bytes;
  } damages[] = {{size - 4, "XXXX"},
                 {size - 8, "\xff\xff\xff\x7f"},
                 {size - 60, std::string(40, '\xff')},
                 {4, std::string(200, '\xee')}};
  for (const auto& [offset, bytes] : damages) {
    const auto file = WriteFile(fields_, Numbers(0, 5000));
    Damage(file, offset, bytes);
    const auto rows = TryScan({.plan = PlanOf({good, file}), .columns = ColumnsOf(fields_)});
    ASSERT_FALSE(rows) << offset;
    EXPECT_EQ(rows.error().kind, ErrorKind::kCorruption) << offset << rows.error().message;
    EXPECT_NE(rows.error().message.find(file.file_path), std::string::npos) << rows.error().message;
  }
  // The engine goes on.
  EXPECT_EQ(Scan({.plan = PlanOf({good}), .columns = ColumnsOf(fields_)}).size(), 5000U);
}

TEST_F(ScanTest, HostilePathsReachNothing) {
  auto file = WriteFile(fields_, Numbers(0, 10));
  for (const char* path : {"/etc/passwd", "etc/passwd", "file:///etc/passwd",
                           "s3://bucket/../../etc/passwd", "s3://../etc/passwd",
                           "http://127.0.0.1/x.parquet", "/proc/self/environ", "*.parquet", ""}) {
    file.file_path = path;
    const auto rows = TryScan({.plan = PlanOf({file}), .columns = ColumnsOf(fields_)});
    ASSERT_FALSE(rows) << path;
    EXPECT_NE(rows.error().kind, ErrorKind::kInternal) << path << ": " << rows.error().message;
  }
}

TEST_F(ScanTest, InterruptEndsTheScan) {
  const auto file = WriteFile(fields_, Numbers(0, 200'000), {.row_group_rows = 2048});
  auto stream =
      engine_->OpenScan({.plan = PlanOf(std::vector(20, file)), .columns = ColumnsOf(fields_)})
          .value();
  std::vector<uint8_t> bytes;
  ASSERT_TRUE(stream->Next(bytes));
  std::thread([&] { stream->Interrupt(); }).join();
  auto next = stream->Next(bytes);
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().kind, ErrorKind::kCancelled);
  stream.reset();
  EXPECT_EQ(Scan({.plan = PlanOf({file}), .columns = ColumnsOf(fields_), .limit = 10}).size(), 10U);
}

TEST_F(ScanTest, OutOfMemoryFailsAlone) {
  const std::vector<Field> fields = {MakeField(1, "s", kString)};
  std::vector<Row> rows;
  for (int i = 0; i < 64; ++i)
    rows.push_back({Value(std::string(1 << 20, static_cast<char>('a' + i % 26)))});
  const auto big = WriteFile(fields, rows);
  const auto small = WriteFile(fields_, Numbers(0, 100));
  Restart({.memory_limit_bytes = 24 << 20});
  auto running =
      engine_->OpenScan({.plan = PlanOf({small}), .columns = ColumnsOf(fields_)}).value();
  const auto result = TryScan({.plan = PlanOf({big}), .columns = ColumnsOf(fields)});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kResourceExhausted) << result.error().message;
  std::vector<uint8_t> bytes;
  EXPECT_TRUE(running->Next(bytes));
  EXPECT_EQ(Scan({.plan = PlanOf({small}), .columns = ColumnsOf(fields_)}).size(), 100U);
}

std::atomic<int> g_fatal_errors = 0;

TEST_F(ScanTest, TheProcessIsToldOfAnInternalError) {
  const auto file = WriteFile(fields_, Numbers(0, 3));
  const auto faulty = storage::MakeFaultyStorage(
      std::move(storage_), storage::ParseFaultPlan("read:*.parquet@0=internal").value());
  const auto engine = Engine::Open({.storage = faulty.get(), .threads = 2}).value();
  SetFatalErrorHandler([] { ++g_fatal_errors; });
  // The second finds that DuckDB has given up.
  for (int scan = 1; scan <= 2; ++scan) {
    auto stream = engine->OpenScan({.plan = PlanOf({file}), .columns = ColumnsOf(fields_)}).value();
    std::vector<uint8_t> bytes;
    const auto result = stream->Next(bytes);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::kInternal);
    EXPECT_FALSE(result.error().hint.empty());
    EXPECT_GE(g_fatal_errors, scan);
  }
  SetFatalErrorHandler(nullptr);
  engine_.reset();
}

TEST_F(ScanTest, SpillDirectoryIsEmptiedAtStart) {
  const std::string spill = scratch_.path() + "/spill";
  std::filesystem::create_directories(spill + "/left");
  std::ofstream(spill + "/left/behind") << "x";
  Restart({.spill_directory = spill});
  EXPECT_TRUE(std::filesystem::is_empty(spill));
}

}  // namespace
}  // namespace tarn::engine
