// SPDX-License-Identifier: Apache-2.0
#include "capture/apply/table_flush.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>

#include "capture/apply/index_build.h"
#include "capture/flusher.h"
#include "capture/replica.h"
#include "capture/testing/lake_destination.h"

namespace tarn::capture {
namespace {

using pgoutput::Tuple;
using pgoutput::TupleValue;
using pgoutput::ValueFormat;
using table::Must;

SourceColumn ColumnOf(int16_t number, std::string name, uint32_t oid, std::string type) {
  return {.attribute_number = number,
          .name = std::move(name),
          .type = {.oid = TypeOid(oid), .name = std::move(type)}};
}

/// Of a table t(id int primary key, name text, body text).
SourceTable TableT() {
  SourceTable table{.oid = RelationOid(16384), .name = {"s", "t"}};
  table.columns = {ColumnOf(1, "id", 23, "integer"), ColumnOf(2, "name", 25, "text"),
                   ColumnOf(3, "body", 25, "text")};
  table.primary_key = table.identity = {0};
  return table;
}

const ChangeBuffer::Columns kColumns{0, 1, 2};

/// Values of a row of the source; absent: null.
struct SourceValues {
  std::optional<std::string> name, body;
  bool operator==(const SourceValues&) const = default;
};

/// Tuples as the stream gives them, with the texts that they point into.
struct Texts {
  std::deque<std::string> kept;

  TupleValue Text(const std::optional<std::string>& text) {
    if (!text) return {};
    return {ValueFormat::kText, kept.emplace_back(*text)};
  }
  Tuple Row(int id, const SourceValues& values) {
    return {Text(std::to_string(id)), Text(values.name), Text(values.body)};
  }
  Tuple Key(int id) { return {Text(std::to_string(id)), TupleValue{}, TupleValue{}}; }
};

class TableFlush : public testing::Test {
 protected:
  explicit TableFlush(CaptureMode mode = CaptureMode::kConnector)
      : replica_(TableRequest{.name = {"s", "t"}}, mode) {
    const SourceTable source = TableT();
    const TargetTable target = Must(PlanTarget(source, replica_.mode));
    replica_.base = Must(destination_.Create(target));
    replica_.layout = Must(
        BindLayout(source, replica_.base->table.metadata->current_schema(), {}, replica_.mode));
    replica_.progress = {.slot = "slot",
                         .system = {"1", 1},
                         .table = source.oid,
                         .columns = replica_.layout->Bindings()};
    replica_.buffer.emplace(replica_.layout, replica_.key);
    replica_.stage = ReplicaStage::kStreaming;
  }

  ChangeBuffer& buffer() { return *replica_.buffer; }

  void FlushAll() {
    position_ += 100;
    Replica* const replicas[] = {&replica_};
    const auto failures = Must(Flush(destination_, replicas, Lsn(position_), {}));
    for (const FlushFailure& failure : failures) ADD_FAILURE() << failure.error.message;
  }

  struct Stored {
    SourceValues values;
    bool deleted = false;
    int64_t inserted_at = 0;
  };
  int64_t RowIdOf(int id) {
    const auto table = destination_.lake.Load("s_t");
    const auto fields = table::RowLake::WithLineage(table.metadata->current_schema().fields);
    const auto plan = destination_.lake.Plan(table);
    for (const table::Row& row : destination_.lake.RowsOf(plan, plan.files, fields)) {
      if (IdIn(row) == id) return std::get<int64_t>(row[fields.size() - 2].value);
    }
    ADD_FAILURE() << "no row of " << id;
    return -1;
  }
  int IdIn(const table::Row& row) const {
    return replica_.layout->is_mirror() ? std::get<int32_t>(row[0].value)
                                        : static_cast<int>(std::get<Int128>(row[0].value));
  }
  std::map<int, Stored> Read() {
    std::map<int, Stored> rows;
    const auto table = destination_.lake.Load("s_t");
    destination_.lake.ExpectSound(table);
    for (const table::Row& row : destination_.lake.Rows(table)) {
      const auto text = [&](size_t column) -> std::optional<std::string> {
        if (row[column].is_null()) return std::nullopt;
        return std::get<std::string>(row[column].value);
      };
      const int id = IdIn(row);
      Stored stored{.values = {text(1), text(2)}};
      if (!replica_.layout->is_mirror()) {
        stored.deleted = std::get<bool>(row[5].value);
        stored.inserted_at = std::get<int64_t>(row[3].value);
      }
      EXPECT_TRUE(rows.emplace(id, std::move(stored)).second) << "two rows of " << id;
    }
    return rows;
  }

  LakeDestination destination_;
  Replica replica_;
  uint64_t position_ = 0;
  Texts texts_;
};

TEST_F(TableFlush, RowsAreMarkedAsDeletedAndKeepWhatTheyHad) {
  Must(buffer().Insert(texts_.Row(1, {"one", "first"}), kColumns));
  Must(buffer().Insert(texts_.Row(2, {"two", std::nullopt}), kColumns));
  FlushAll();
  Must(buffer().Delete(texts_.Key(1), kColumns));
  FlushAll();
  const auto rows = Read();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_TRUE(rows.at(1).deleted);
  EXPECT_EQ(rows.at(1).values, (SourceValues{"one", "first"}));
  EXPECT_FALSE(rows.at(2).deleted);
  const auto progress = Must(ProgressOf(destination_.lake.Load("s_t").metadata->properties));
  EXPECT_EQ(progress->position, Lsn(position_));
}

TEST_F(TableFlush, Trap23UnchangedValuesComeFromTheTableAlsoUnderAnotherKey) {
  Must(buffer().Insert(texts_.Row(1, {"one", "a long text"}), kColumns));
  FlushAll();
  const TupleValue unchanged{ValueFormat::kUnchanged, {}};
  pgoutput::Update update{.row = {texts_.Text("1"), texts_.Text("uno"), unchanged}};
  Must(buffer().Update(update, kColumns));
  FlushAll();
  EXPECT_EQ(Read().at(1).values, (SourceValues{"uno", "a long text"}));

  update.row = {texts_.Text("7"), texts_.Text("seven"), unchanged};
  update.old_row = texts_.Key(1);
  update.old_is_key = true;
  Must(buffer().Update(update, kColumns));
  // And once more within the batch.
  update.row = {texts_.Text("7"), texts_.Text("sept"), unchanged};
  update.old_row.reset();
  Must(buffer().Update(update, kColumns));
  FlushAll();
  const auto rows = Read();
  EXPECT_EQ(rows.at(7).values, (SourceValues{"sept", "a long text"}));
  EXPECT_FALSE(rows.at(7).deleted);
  EXPECT_TRUE(rows.at(1).deleted);
}

TEST_F(TableFlush, AForeignRewriteOfTheFilesIsFollowed) {
  for (int id = 0; id < 50; ++id) {
    Must(buffer().Insert(texts_.Row(id, {"name", "body"}), kColumns));
  }
  FlushAll();
  auto& lake = destination_.lake;
  const auto table = lake.Load("s_t");
  const auto fields = table::RowLake::WithLineage(table.metadata->current_schema().fields);
  const auto plan = lake.Plan(table);
  const auto rows = lake.RowsOf(plan, plan.files, fields);
  lake.ReplaceFiles("s_t", plan.files, fields, rows, true);
  Must(buffer().Delete(texts_.Key(7), kColumns));
  FlushAll();
  const auto stored = Read();
  EXPECT_EQ(stored.size(), 50U);
  EXPECT_TRUE(stored.at(7).deleted);
  EXPECT_EQ(stored.at(7).values, (SourceValues{"name", "body"}));
}

class MirrorFlush : public TableFlush {
 protected:
  MirrorFlush() : TableFlush(CaptureMode::kMirror) {}
};

TEST_F(MirrorFlush, RowsThatAreDeletedAreGoneAndOthersKeepTheirIds) {
  for (int id = 1; id <= 4; ++id) Must(buffer().Insert(texts_.Row(id, {"a", "b"}), kColumns));
  FlushAll();
  EXPECT_EQ(destination_.lake.Load("s_t").metadata->current_schema().fields.size(), 3U);
  const int64_t row_id = RowIdOf(3);
  Must(buffer().Delete(texts_.Key(1), kColumns));
  Must(buffer().Update({.row = texts_.Row(3, {"c", "d"})}, kColumns));
  // One that was never there.
  Must(buffer().Insert(texts_.Row(9, {"x", "y"}), kColumns));
  Must(buffer().Delete(texts_.Key(9), kColumns));
  FlushAll();
  const auto rows = Read();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_FALSE(rows.contains(1));
  EXPECT_EQ(rows.at(3).values, (SourceValues{"c", "d"}));
  EXPECT_EQ(RowIdOf(3), row_id);
  // The key may come again: as another row.
  Must(buffer().Insert(texts_.Row(1, {"new", "row"}), kColumns));
  FlushAll();
  EXPECT_EQ(Read().at(1).values, (SourceValues{"new", "row"}));
}

TEST_F(MirrorFlush, Trap27TruncateLeavesWhatCameAfterIt) {
  Must(buffer().Insert(texts_.Row(1, {"a", "b"}), kColumns));
  Must(buffer().Insert(texts_.Row(2, {"a", "b"}), kColumns));
  FlushAll();
  const int64_t row_id = RowIdOf(2);
  Must(buffer().Insert(texts_.Row(3, {"a", "b"}), kColumns));
  buffer().Truncate();
  Must(buffer().Insert(texts_.Row(2, {"after", std::nullopt}), kColumns));
  FlushAll();
  const auto rows = Read();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows.at(2).values, (SourceValues{"after", std::nullopt}));
  EXPECT_NE(RowIdOf(2), row_id);
}

TEST_F(MirrorFlush, FieldsKeepTheirValuesWhenOthersBeforeThemAreDropped) {
  Must(buffer().Insert(texts_.Row(1, {"name", "a long text"}), kColumns));
  FlushAll();
  // A value that the stream left out waits while the column before it goes.
  pgoutput::Update update{.row = texts_.Row(1, {"other", std::nullopt})};
  update.row[2] = {ValueFormat::kUnchanged, {}};
  Must(buffer().Update(update, kColumns));
  replica_.base = Must(destination_.Alter({"s", "t"}, {.dropped = {"name"}}));
  SourceTable source = TableT();
  source.columns.erase(source.columns.begin() + 1);
  const auto bindings = replica_.layout->Bindings();
  replica_.layout = Must(
      BindLayout(source, replica_.base->table.metadata->current_schema(), bindings, replica_.mode));
  buffer().Migrate(replica_.layout);
  FlushAll();
  const auto table = destination_.lake.Load("s_t");
  const auto rows = destination_.lake.Rows(table);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(std::get<std::string>(rows[0][1].value), "a long text");
}

// Random histories against a map. What the connector has once had at a flush is there for ever,
// marked where the source has it no more; a mirror has what the source has.
class Model : public TableFlush, public testing::WithParamInterface<std::tuple<CaptureMode, int>> {
 protected:
  Model() : TableFlush(std::get<0>(GetParam())) {}
};

TEST_P(Model, TheTableHasWhatTheSourceHas) {
  const char* const given = std::getenv("TARN_SEED");
  const int number = std::get<1>(GetParam());
  const auto seed = static_cast<unsigned>(given != nullptr ? std::atoi(given) : number);
  SCOPED_TRACE(fmt::format("TARN_SEED={}", seed));
  std::mt19937 random(seed);
  std::map<int, SourceValues> source;
  std::set<int> seen;
  const auto some_text = [&]() -> std::optional<std::string> {
    if (random() % 5 == 0) return std::nullopt;
    return fmt::format("text {}", random() % 1000);
  };
  for (int flush = 0; flush < 25; ++flush) {
    const unsigned steps = random() % 60;
    for (unsigned step = 0; step < steps; ++step) {
      const int id = static_cast<int>(random() % 40);
      const auto row = source.find(id);
      const unsigned kind = random() % 100;
      if (kind == 0) {
        buffer().Truncate();
        source.clear();
      } else if (row == source.end()) {
        const SourceValues values{some_text(), some_text()};
        Must(buffer().Insert(texts_.Row(id, values), kColumns));
        source[id] = values;
        seen.insert(id);
      } else if (kind < 30) {
        Must(buffer().Delete(texts_.Key(id), kColumns));
        source.erase(row);
      } else {
        SourceValues values{some_text(), some_text()};
        pgoutput::Update update{.row = texts_.Row(id, values)};
        if (random() % 3 == 0) {
          update.row[2] = {ValueFormat::kUnchanged, {}};
          values.body = row->second.body;
        }
        const int moved = static_cast<int>(random() % 40);
        if (random() % 4 == 0 && !source.contains(moved)) {
          update.row[0] = texts_.Text(std::to_string(moved));
          update.old_row = texts_.Key(id);
          update.old_is_key = true;
          source.erase(row);
          source[moved] = values;
          seen.insert(moved);
        } else {
          row->second = values;
        }
        Must(buffer().Update(update, kColumns));
      }
    }
    if (random() % 6 == 0) replica_.index_stale = true;
    FlushAll();
    if (HasFailure()) return;
    const auto stored = Read();
    std::map<int, SourceValues> alive;
    for (const auto& [id, row] : stored) {
      EXPECT_TRUE(seen.contains(id));
      if (!row.deleted) alive[id] = row.values;
    }
    ASSERT_EQ(alive, source) << "after flush " << flush;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Model,
                         testing::Combine(testing::Values(CaptureMode::kConnector,
                                                          CaptureMode::kMirror),
                                          testing::Range(1, 9)));

}  // namespace
}  // namespace tarn::capture
