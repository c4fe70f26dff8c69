// SPDX-License-Identifier: Apache-2.0
// Changes between snapshots: cases worked out by hand, and random histories against the difference
// of two full scans.
#include "table/row_changes.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <limits>
#include <map>
#include <random>
#include <set>

#include "table/testing/row_lake.h"

// g++ 12 warns wrongly of variants in long initialiser lists.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

namespace tarn::table {
namespace {

using iceberg::LoadedTable;
using iceberg::SnapshotId;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using namespace std::string_literals;

const Type kInt = Type::Primitive(TypeKind::kInt);
const Type kLong = Type::Primitive(TypeKind::kLong);
const Type kDouble = Type::Primitive(TypeKind::kDouble);
const Type kString = Type::Primitive(TypeKind::kString);
const Type kBoolean = Type::Primitive(TypeKind::kBoolean);

SnapshotId HeadOf(const LoadedTable& table) { return *table.metadata->current_snapshot_id; }

/// A row, as text that is equal where rows are.
std::string TextOf(const Row& row) {
  std::string text;
  for (const Cell& cell : row) text += testing::PrintToString(cell) + " ";
  return text;
}

class RowChangesTest : public testing::Test {
 protected:
  /// Rows of the stream: columns, kind, row id.
  Result<std::vector<Row>> TryChanges(std::optional<SnapshotId> from, SnapshotId to,
                                      std::optional<Filter> filter = std::nullopt) {
    const LoadedTable table = lake_.Load("t");
    RowChangesRequest request{.table = table, .from = from, .to = to, .filter = std::move(filter)};
    std::vector<Type> types;
    for (const Field& field : table.metadata->current_schema().fields) {
      request.columns.push_back(RowLake::ColumnOf(field));
      types.push_back(field.type);
    }
    types.push_back(kInt);
    types.push_back(kLong);
    TARN_ASSIGN(const auto stream, OpenRowChanges(lake_.context(), std::move(request)));
    return RowLake::ReadAll(*stream, types);
  }

  std::vector<Row> Changes(std::optional<SnapshotId> from, SnapshotId to) {
    return Must(TryChanges(from, to));
  }

  /// Rows of one file with their values replaced where `n` is odd, and with lineage or not.
  LoadedTable CopyOnWrite(bool lineage, int32_t add_to_odd) {
    const LoadedTable table = lake_.Load("t");
    const iceberg::ScanPlan plan = lake_.Plan(table);
    std::vector<Field> fields = table.metadata->current_schema().fields;
    if (lineage) fields = RowLake::WithLineage(fields);
    std::vector<Row> rows = lake_.RowsOf(plan, plan.files, fields);
    for (Row& row : rows) {
      auto& n = std::get<int32_t>(row[1].value);
      if (n % 2 == 0) continue;
      n += add_to_odd;
      if (lineage) row.back() = Cell();
    }
    return lake_.ReplaceFiles("t", plan.files, fields, rows, add_to_odd == 0);
  }

  const std::vector<Field> fields_ = {Column(1, "id", kInt), Column(2, "n", kInt)};
  RowLake lake_;
};

TEST_F(RowChangesTest, AppendsAndDeletesOfVersion2) {
  lake_.Create("t", fields_);
  const auto one = HeadOf(lake_.Append("t", {{Value(1), Value(10)}, {Value(2), Value(20)}}));
  const auto two = HeadOf(lake_.Append("t", {{Value(3), Value(30)}}));
  const Filter second{.op = FilterOp::kEqual, .field = FieldId(1), .type = kInt, .values = {2}};
  const auto three = HeadOf(lake_.Commit(
      "t", Must(DeleteRows(lake_.context(), lake_.NewWriter(), lake_.Load("t"), second))));
  const Cell insert(Value(1));
  const Cell del(Value(-1));
  EXPECT_THAT(Changes(std::nullopt, one),
              UnorderedElementsAre(Row{Value(1), Value(10), insert, Cell()},
                                   Row{Value(2), Value(20), insert, Cell()}));
  EXPECT_THAT(Changes(one, two), ElementsAre(Row{Value(3), Value(30), insert, Cell()}));
  EXPECT_THAT(Changes(two, three), ElementsAre(Row{Value(2), Value(20), del, Cell()}));
  EXPECT_THAT(Changes(one, three), ElementsAre(Row{Value(2), Value(20), del, Cell()},
                                               Row{Value(3), Value(30), insert, Cell()}));
  // Back in time.
  EXPECT_THAT(Changes(three, one), ElementsAre(Row{Value(3), Value(30), del, Cell()},
                                               Row{Value(2), Value(20), insert, Cell()}));
  EXPECT_THAT(Changes(two, two), IsEmpty());
}

TEST_F(RowChangesTest, CopyOnWriteShowsWhatChanged) {
  lake_.Create("t", fields_);
  const auto before = HeadOf(lake_.Append(
      "t",
      {{Value(1), Value(1)}, {Value(2), Value(2)}, {Value(2), Value(2)}, {Value(3), Cell(3)}}));
  const auto after = HeadOf(CopyOnWrite(false, 100));
  EXPECT_THAT(Changes(before, after),
              UnorderedElementsAre(Row{Value(1), Value(1), Value(-1), Cell()},
                                   Row{Value(3), Value(3), Value(-1), Cell()},
                                   Row{Value(1), Value(101), Value(1), Cell()},
                                   Row{Value(3), Value(103), Value(1), Cell()}));
  EXPECT_THAT(Changes(after, HeadOf(CopyOnWrite(false, 0))), IsEmpty());
}

TEST_F(RowChangesTest, CopiesCount) {
  lake_.Create("t", fields_);
  const Row row = {Value(7), Value(2)};
  const auto one = HeadOf(lake_.Append("t", {row, row, row}));
  const auto plan = lake_.Plan(lake_.Load("t"));
  const auto five =
      HeadOf(lake_.ReplaceFiles("t", plan.files, fields_, {row, row, row, row, row}, false));
  EXPECT_THAT(Changes(one, five), ElementsAre(Row{Value(7), Value(2), Value(1), Cell()},
                                              Row{Value(7), Value(2), Value(1), Cell()}));
  EXPECT_THAT(Changes(five, one), ElementsAre(Row{Value(7), Value(2), Value(-1), Cell()},
                                              Row{Value(7), Value(2), Value(-1), Cell()}));
}

TEST_F(RowChangesTest, UpdatesKeepTheirRowIdAndRewritesAreInvisible) {
  lake_.Create("t", fields_, {}, 3);
  const auto one = HeadOf(lake_.Append("t", {{Value(1), Value(1)}, {Value(2), Value(2)}}));
  const auto two = HeadOf(lake_.Append("t", {{Value(3), Value(3)}}));
  const auto changed = HeadOf(CopyOnWrite(true, 100));
  const int64_t row_one = 0;
  const int64_t row_three = 2;
  const std::vector<Row> expected = {{Value(1), Value(1), Value(-1), Value(row_one)},
                                     {Value(3), Value(3), Value(-1), Value(row_three)},
                                     {Value(1), Value(101), Value(1), Value(row_one)},
                                     {Value(3), Value(103), Value(1), Value(row_three)}};
  EXPECT_THAT(Changes(two, changed), testing::UnorderedElementsAreArray(expected));
  const auto rewritten = HeadOf(CopyOnWrite(true, 0));
  EXPECT_THAT(Changes(changed, rewritten), IsEmpty());
  // Also by a writer that knows no lineage, and loses the row ids.
  const auto lost = HeadOf(CopyOnWrite(false, 0));
  EXPECT_THAT(Changes(changed, lost), IsEmpty());
  EXPECT_THAT(Changes(two, lost), SizeIs(4));
  EXPECT_THAT(Changes(one, rewritten),
              UnorderedElementsAre(Row{Value(1), Value(1), Value(-1), Value(row_one)},
                                   Row{Value(1), Value(101), Value(1), Value(row_one)},
                                   Row{Value(3), Value(103), Value(1), Value(row_three)}));
}

class AppendedRowsTest : public RowChangesTest, public testing::WithParamInterface<int32_t> {
 protected:
  Result<engine::QueryDifference> Plan(std::optional<SnapshotId> from, SnapshotId to,
                                       AppendedRows which) {
    RowChangesRequest request{.table = lake_.Load("t"), .from = from, .to = to};
    for (const Field& field : fields_) request.columns.push_back(RowLake::ColumnOf(field));
    return PlanAppendedRows(lake_.context(), std::move(request), which);
  }
  /// Of column c0, by a query.
  std::vector<int32_t> Ids(std::optional<SnapshotId> from, SnapshotId to, AppendedRows which) {
    engine::QueryTable table;
    table.difference = Must(Plan(from, to, which));
    auto stream = lake_.engine().OpenQuery({.text = "SELECT c0, c2, c3 FROM tarn_table(0)",
                                            .tables = {std::move(table)},
                                            .parameters = {},
                                            .carriers = {kInt, kString, kBoolean}});
    EXPECT_TRUE(stream) << stream.error().error.message;
    std::vector<int32_t> ids;
    std::vector<uint8_t> bytes;
    while ((*stream)->Next(bytes) && !bytes.empty()) {
      const std::vector<Type> types = {kInt, kString, kBoolean};
      for (const Row& row : engine::ReadRows(types, DecodeBatch(bytes, types).value())) {
        EXPECT_EQ(row[1], Cell(Value("INSERT"s)));
        EXPECT_EQ(row[2], Cell(Value(false)));
        ids.push_back(std::get<int32_t>(row[0].value));
      }
    }
    return ids;
  }
};

TEST_P(AppendedRowsTest, AreThoseThatAFileHadFirst) {
  const int32_t version = GetParam();
  lake_.Create("t", fields_, {}, version);
  const auto one = HeadOf(lake_.Append("t", {{Value(1), Value(1)}, {Value(2), Value(2)}}));
  lake_.Append("t", {{Value(3), Value(3)}});
  const auto two = HeadOf(lake_.Append("t", {{Value(5), Value(5)}}));
  const auto changed = HeadOf(CopyOnWrite(version == 3, 100));
  const auto last = HeadOf(lake_.Append("t", {{Value(4), Value(4)}}));
  EXPECT_THAT(Ids(one, two, AppendedRows::kNewRows), UnorderedElementsAre(3, 5));
  EXPECT_THAT(Ids(changed, last, AppendedRows::kNewRows), ElementsAre(4));
  EXPECT_THAT(Ids(two, last, AppendedRows::kNewFiles), UnorderedElementsAre(1, 2, 3, 5, 4));
  if (version == 3) {
    EXPECT_THAT(Ids(std::nullopt, last, AppendedRows::kNewRows),
                UnorderedElementsAre(1, 2, 3, 5, 4));
  } else {
    EXPECT_EQ(Plan(two, last, AppendedRows::kNewRows).error().kind, ErrorKind::kUnsupported);
  }
  EXPECT_EQ(Plan(last, two, AppendedRows::kNewRows).error().kind, ErrorKind::kNotFound);
}

INSTANTIATE_TEST_SUITE_P(Versions, AppendedRowsTest, testing::Values(2, 3));

TEST_F(RowChangesTest, ContentsThatSwapAreUpdates) {
  lake_.Create("t", fields_, {}, 3);
  const auto before = HeadOf(lake_.Append("t", {{Value(0), Value(1)}, {Value(0), Value(2)}}));
  const auto plan = lake_.Plan(lake_.Load("t"));
  const auto fields = RowLake::WithLineage(fields_);
  const auto after = HeadOf(lake_.ReplaceFiles("t", plan.files, fields,
                                               {{Value(0), Value(2), Value(int64_t{0}), Cell()},
                                                {Value(0), Value(1), Value(int64_t{1}), Cell()}},
                                               false));
  EXPECT_THAT(Changes(before, after), SizeIs(4));
}

TEST_F(RowChangesTest, NanAndNullEqualThemselves) {
  const std::vector<Field> fields = {Column(1, "x", kDouble), Column(2, "s", kString)};
  lake_.Create("t", fields);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto before = HeadOf(
      lake_.Append("t", {{Value(nan), Cell()}, {Cell(), Value(""s)}, {Value(1.5), Value("a"s)}}));
  const auto plan = lake_.Plan(lake_.Load("t"));
  const auto after = HeadOf(lake_.ReplaceFiles(
      "t", plan.files, fields, {{Value(-nan), Cell()}, {Cell(), Cell()}, {Value(1.5), Value("a"s)}},
      false));
  EXPECT_THAT(Changes(before, after), ElementsAre(Row{Cell(), Value(""s), Value(-1), Cell()},
                                                  Row{Cell(), Cell(), Value(1), Cell()}));
}

TEST_F(RowChangesTest, NestedColumnsAreCompared) {
  Type list{.kind = TypeKind::kList, .children = {Column(11, "element", kInt)}};
  Type record{.kind = TypeKind::kStruct, .children = {Column(12, "a", kInt)}};
  Type map{.kind = TypeKind::kMap,
           .children = {Column(13, "key", kString), Column(14, "value", kInt)}};
  map.children[0].required = true;
  const std::vector<Field> fields = {Column(1, "l", list), Column(2, "r", record),
                                     Column(3, "m", map)};
  lake_.Create("t", fields);
  const Row same = {Cell::Of({Value(1), Cell()}), Cell::Of({Cell()}),
                    Cell::Of({Cell::Of({Value("k"s), Value(1)})})};
  Row other = same;
  other[0] = Cell::Of({Value(1), Value(2)});
  const auto before = HeadOf(lake_.Append("t", {same, other}));
  const auto plan = lake_.Plan(lake_.Load("t"));
  Row changed = same;
  changed[2] = Cell::Of({Cell::Of({Value("k"s), Value(2)})});
  const auto after = HeadOf(lake_.ReplaceFiles("t", plan.files, fields, {same, changed}, false));
  const auto changes = Changes(before, after);
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_EQ(changes[0][0], other[0]);
  EXPECT_EQ(changes[0][3].value, Value(-1));
  EXPECT_EQ(changes[1][2], changed[2]);
}

TEST_F(RowChangesTest, FiltersApplyToRowsOfEitherState) {
  lake_.Create("t", fields_);
  const auto before = HeadOf(lake_.Append("t", {{Value(1), Value(1)}, {Value(2), Value(2)}}));
  const auto after = HeadOf(CopyOnWrite(false, 100));
  const Filter small{.op = FilterOp::kLess, .field = FieldId(2), .type = kInt, .values = {50}};
  EXPECT_THAT(Must(TryChanges(before, after, small)),
              ElementsAre(Row{Value(1), Value(1), Value(-1), Cell()}));
}

TEST_F(RowChangesTest, AddedColumnsReadTheirDefaultInOlderFiles) {
  lake_.Create("t", fields_, {}, 3);
  const auto before = HeadOf(lake_.Append("t", {{Value(1), Value(1)}, {Value(2), Value(2)}}));
  iceberg::Schema schema = lake_.Load("t").metadata->current_schema();
  schema.fields.push_back(Column(3, "added", kInt));
  schema.fields[2].initial_default = schema.fields[2].write_default = "7";
  iceberg::ChangeSet evolve;
  evolve.updates = {iceberg::AddSchema{.schema = schema},
                    iceberg::SetCurrentSchema{.schema_id = iceberg::SchemaId(-1)}};
  Must(lake_.TryCommit("t", evolve, SnapshotId(1)));
  // The same rows, rewritten with the column.
  const auto plan = lake_.Plan(lake_.Load("t"));
  const auto after = HeadOf(
      lake_.ReplaceFiles("t", plan.files, lake_.Load("t").metadata->current_schema().fields,
                         {{Value(1), Value(1), Value(7)}, {Value(2), Value(2), Value(8)}}, false));
  const auto changes = Changes(before, after);
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_EQ(changes[0][2].value, Value(7));
  EXPECT_EQ(changes[1][2].value, Value(8));
}

TEST_F(RowChangesTest, ExpiredSnapshotsAreNamed) {
  lake_.Create("t", fields_);
  const auto gone = HeadOf(lake_.Append("t", {{Value(1), Value(1)}}));
  const auto left = HeadOf(lake_.Append("t", {{Value(2), Value(2)}}));
  iceberg::ChangeSet expire;
  expire.updates = {iceberg::RemoveSnapshots{.snapshot_ids = {gone}}};
  Must(lake_.TryCommit("t", expire, SnapshotId(1)));
  const auto changes = TryChanges(gone, left);
  ASSERT_FALSE(changes);
  EXPECT_EQ(changes.error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(changes.error().message + changes.error().detail + changes.error().hint,
              HasSubstr(std::to_string(left.value())));
}

/// Both states together, 2 x 73 MB of values, do not fit into the engine's memory.
TEST(RowChanges, SpillsWhatItCompares) {
  const storage::ScratchDirectory spill;
  RowLake lake("", {.memory_limit_bytes = int64_t{128} << 20, .spill_directory = spill.path()});
  const std::vector<Field> fields = {Column(1, "id", kInt), Column(2, "s", kString)};
  // The writer holds a page of a row group at once.
  lake.Create("t", fields, {}, 2, {{"write.parquet.row-group-limit", "8192"}});
  std::mt19937_64 random(5);
  std::vector<Row> rows;
  for (int32_t id = 0; id < 700'000; ++id) {
    std::string text;
    while (text.size() < 100) text += std::to_string(random());
    rows.push_back({Value(id), Value(std::move(text))});
  }
  const SnapshotId before = HeadOf(lake.Append("t", rows));
  rows[77][1] = Value("changed"s);
  const auto table =
      lake.ReplaceFiles("t", lake.Plan(lake.Load("t")).files, fields, rows, /*is_rewrite=*/false);
  const auto stream =
      Must(OpenRowChanges(lake.context(), {.table = table,
                                           .from = before,
                                           .to = HeadOf(table),
                                           .columns = {RowLake::ColumnOf(fields[0])}}));
  EXPECT_THAT(RowLake::ReadAll(*stream, {kInt, kInt, kLong}),
              ElementsAre(Row{Value(77), Value(-1), Cell()}, Row{Value(77), Value(1), Cell()}));
}

/// A table that lives at random: every snapshot is remembered with its rows.
class History : public RowChangesTest, public testing::WithParamInterface<int> {
 protected:
  History() : seed_(SeedOf()), random_(seed_), version_(seed_ % 2 == 0 ? 2 : 3) {
    Type list{.kind = TypeKind::kList, .children = {Column(11, "element", kInt)}};
    columns_ = {Column(1, "id", kInt), Column(2, "n", kInt), Column(3, "x", kDouble),
                Column(4, "s", kString), Column(5, "l", list)};
    lake_.Create("t", columns_, {}, version_);
  }

  static uint32_t SeedOf() {
    const char* given = std::getenv("TARN_TEST_SEED");
    return given != nullptr ? static_cast<uint32_t>(std::stoul(given))
                            : static_cast<uint32_t>(1000 + GetParam());
  }

  /// Few values, so that rows are often equal.
  Row NewRow() {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<Cell> doubles = {Value(nan), Cell(), Value(1.0)};
    return {Value(static_cast<int32_t>(random_() % 6)), Value(static_cast<int32_t>(random_() % 4)),
            doubles[random_() % 3], random_() % 3 == 0 ? Cell() : Cell(Value("a"s)),
            random_() % 2 == 0 ? Cell() : Cell::Of({Value(1), Cell()})};
  }

  std::vector<Row> NewRows(size_t most) {
    std::vector<Row> rows(1 + random_() % most);
    for (Row& row : rows) row = NewRow();
    return rows;
  }

  void DeleteSome() {
    const auto table = lake_.Load("t");
    const auto plan = lake_.Plan(table);
    if (plan.total_rows == 0) return;
    const auto writer = Must(OpenRowChangeWriter(lake_.context(), lake_.NewWriter(), table, plan));
    std::vector<int64_t> numbers(1 + random_() % 5);
    for (int64_t& number : numbers) {
      number = static_cast<int64_t>(random_() % static_cast<uint64_t>(plan.total_rows));
    }
    Must(writer->Delete(numbers));
    lake_.Commit("t", Must(writer->Finish({})));
  }

  void UpdateSome() {
    const Filter filter{.op = FilterOp::kEqual,
                        .field = FieldId(1),
                        .type = kInt,
                        .values = {static_cast<int32_t>(random_() % 6)}};
    std::vector<Type> types;
    for (const Field& field : columns_) types.push_back(field.type);
    const auto change = [&](const BatchView& batch) -> Result<std::vector<uint8_t>> {
      std::vector<Row> rows = engine::ReadRows(types, batch);
      for (Row& row : rows) row[1] = Value(static_cast<int32_t>(random_() % 4));
      return std::vector<uint8_t>(*engine::EncodeRows(columns_, rows));
    };
    lake_.Commit(
        "t", Must(UpdateRows(lake_.context(), lake_.NewWriter(), lake_.Load("t"), filter, change)));
  }

  void ReplaceSome(bool is_rewrite) {
    const auto plan = lake_.Plan(lake_.Load("t"));
    std::vector<iceberg::ScanFile> files;
    for (const auto& file : plan.files) {
      if (random_() % 2 == 0) files.push_back(file);
    }
    if (files.empty()) return;
    const bool lineage = version_ == 3 && random_() % 3 != 0;
    const auto fields = lineage ? RowLake::WithLineage(columns_) : columns_;
    std::vector<Row> rows = lake_.RowsOf(plan, files, fields);
    if (!is_rewrite) {
      std::erase_if(rows, [this](const Row&) { return random_() % 4 == 0; });
      for (Row& row : rows) {
        if (random_() % 4 != 0) continue;
        row[1] = Value(static_cast<int32_t>(random_() % 4));
        if (lineage) row.back() = Cell();
      }
    }
    lake_.ReplaceFiles("t", files, fields, rows, is_rewrite);
  }

  void DeleteByEquality() {
    const std::vector<Row> keys = {{Value(static_cast<int32_t>(random_() % 6)),
                                    random_() % 3 == 0 ? Cell() : Cell(Value(1.0))}};
    lake_.AddEqualityDeletes("t", {columns_[0], columns_[2]}, keys);
  }

  void DeleteFromTwoFiles() {
    const auto plan = lake_.Plan(lake_.Load("t"));
    if (version_ != 2 || plan.files.size() < 2) return;
    std::vector<Row> rows;
    for (size_t i = 0; i < 2; ++i) {
      const auto& file = plan.files[i].file();
      rows.push_back(
          {Value(file.file_path),
           Value(static_cast<int64_t>(random_() % static_cast<uint64_t>(file.record_count)))});
    }
    std::ranges::sort(rows, {}, [](const Row& row) { return std::get<std::string>(row[0].value); });
    lake_.AddSharedDeletes("t", rows);
  }

  void Step() {
    const uint32_t dice = random_() % 20;
    if (dice < 7) {
      lake_.Append("t", NewRows(12));
    } else if (dice < 10) {
      DeleteSome();
    } else if (dice < 12) {
      UpdateSome();
    } else if (dice < 14) {
      DeleteByEquality();
    } else if (dice < 15) {
      DeleteFromTwoFiles();
    } else {
      ReplaceSome(dice < 18);
    }
  }

  std::vector<Row> RowsAt(std::optional<SnapshotId> snapshot, bool with_ids) {
    if (!snapshot) return {};
    const auto plan = lake_.Plan(lake_.Load("t"), snapshot);
    std::vector<Field> fields = columns_;
    if (with_ids) fields.push_back(RowLake::WithLineage({}).front());
    return lake_.RowsOf(plan, plan.files, fields);
  }

  /// How much more often each row stands in the second state.
  std::map<std::string, int64_t> DifferenceOfScans(std::optional<SnapshotId> from, SnapshotId to) {
    std::map<std::string, int64_t> net;
    for (const Row& row : RowsAt(from, false)) --net[TextOf(row)];
    for (const Row& row : RowsAt(to, false)) ++net[TextOf(row)];
    std::erase_if(net, [](const auto& each) { return each.second == 0; });
    return net;
  }

  /// Row ids that both states have, with other values.
  std::set<int64_t> Updated(std::optional<SnapshotId> from, SnapshotId to) {
    std::map<int64_t, std::string> before;
    std::set<int64_t> updated;
    for (Row& row : RowsAt(from, true)) {
      if (row.back().is_null()) continue;
      const auto id = std::get<int64_t>(row.back().value);
      row.pop_back();
      before[id] = TextOf(row);
    }
    for (Row& row : RowsAt(to, true)) {
      if (row.back().is_null()) continue;
      const auto id = std::get<int64_t>(row.back().value);
      row.pop_back();
      if (before.contains(id) && before[id] != TextOf(row)) updated.insert(id);
    }
    return updated;
  }

  void Compare(std::optional<SnapshotId> from, SnapshotId to) {
    std::map<std::string, int64_t> net;
    std::map<std::string, std::set<int32_t>> kinds;
    std::map<int64_t, std::set<int32_t>> kinds_of_ids;
    int32_t last_kind = -1;
    for (Row& row : Changes(from, to)) {
      const Cell row_id = row.back();
      row.pop_back();
      const auto kind = std::get<int32_t>(row.back().value);
      row.pop_back();
      EXPECT_GE(kind, last_kind) << "deletes come first";
      last_kind = kind;
      net[TextOf(row)] += kind;
      if (!row_id.is_null()) kinds_of_ids[std::get<int64_t>(row_id.value)].insert(kind);
      kinds[TextOf(row)].insert(kind);
    }
    std::erase_if(net, [](const auto& each) { return each.second == 0; });
    EXPECT_EQ(net, DifferenceOfScans(from, to));
    std::set<int64_t> updated;
    for (const auto& [id, both] : kinds_of_ids) {
      if (both.size() == 2) updated.insert(id);
    }
    EXPECT_EQ(updated, Updated(from, to));
    // Without lineage a row is on one side only.
    for (const auto& [row, both] : kinds) EXPECT_TRUE(version_ == 3 || both.size() == 1) << row;
    ++compared_;
    changes_ += net.size();
  }

  const uint32_t seed_;
  std::mt19937 random_;
  const int32_t version_;
  std::vector<Field> columns_;
  int compared_ = 0;
  size_t changes_ = 0;
};

TEST_P(History, IsTheDifferenceOfTwoScans) {
  SCOPED_TRACE(testing::Message() << "TARN_TEST_SEED=" << seed_);
  std::cout << "seed " << seed_ << ", version " << version_ << "\n";
  lake_.Append("t", NewRows(12));
  for (int i = 0; i < 25; ++i) Step();
  const LoadedTable table = lake_.Load("t");
  std::vector<SnapshotId> snapshots;
  for (const auto& snapshot : table.metadata->snapshots) snapshots.push_back(snapshot->id);
  ASSERT_GT(snapshots.size(), 10U);
  for (int i = 0; i < 30 && !HasFailure(); ++i) {
    const size_t from = random_() % (snapshots.size() + 1);
    const SnapshotId to = snapshots[random_() % snapshots.size()];
    Compare(from == snapshots.size() ? std::nullopt : std::optional(snapshots[from]), to);
  }
  EXPECT_GT(changes_, 100U);
  lake_.ExpectSound(table);
}

INSTANTIATE_TEST_SUITE_P(Seeds, History, testing::Range(0, 8));

}  // namespace
}  // namespace tarn::table
