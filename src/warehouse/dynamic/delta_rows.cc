// SPDX-License-Identifier: Apache-2.0
#include "warehouse/dynamic/delta_rows.h"

#include <algorithm>
#include <memory>

#include "base/batch_selection.h"
#include "iceberg/plan/scan_plan.h"
#include "sql/duckdb_text/print.h"
#include "table/row_update.h"
#include "warehouse/managed_tables/row_intake.h"
#include "warehouse/session/failures.h"
#include "warehouse/time_travel/change_columns.h"

namespace tarn::warehouse {
namespace {

using incremental::TableState;

const FrontierSource* SourceOf(const Frontier& frontier, ObjectId id) {
  const auto found = std::ranges::find(frontier.sources, id, &FrontierSource::id);
  return found == frontier.sources.end() ? nullptr : &*found;
}

/// The delta query's tables, each pinned in its state.
StatementResult<sql::BoundQuery> PinStates(const incremental::DeltaQuery& delta,
                                           const sql::BoundQuery& query, const Frontier& before) {
  sql::BoundQuery pinned{.query = delta.query};
  for (const incremental::DeltaTable& each : delta.tables) {
    sql::BoundTable bound = query.tables[each.table];
    auto state =
        std::make_shared<PinnedTable>(*static_cast<const PinnedTable*>(bound.table.handle.get()));
    const FrontierSource* const source = SourceOf(before, state->head.id);
    const TableVersion newest{state->loaded.metadata->current_snapshot_id};
    switch (each.state) {
      case TableState::kBefore:
        state->version = source->version;
        break;
      case TableState::kAfter:
        state->version = newest;
        break;
      case TableState::kChanges:
        state->changes = TableChanges{.from = source->version, .to = newest};
        AppendChangeColumns(bound.table.columns);
        break;
    }
    bound.table.handle = std::move(state);
    pinned.tables.push_back(std::move(bound));
  }
  return pinned;
}

std::string Columns(std::string_view prefix, size_t count) {
  std::string columns;
  for (size_t i = 0; i < count; ++i)
    columns += fmt::format("{}{}c{}", i > 0 ? ", " : "", prefix, i);
  return columns;
}

/// Rows that come, with their number; rows that go, with the number of one of their like in the
/// table `target`, as many as go, and how many there are. Behind the columns: weight, row number,
/// likes.
std::string NettedText(const std::string& delta, size_t columns, size_t target) {
  std::string same;
  for (size_t i = 0; i < columns; ++i) {
    same += fmt::format("{}t.c{} IS NOT DISTINCT FROM n.c{}", i > 0 ? " AND " : "", i, i);
  }
  const std::string all = Columns("", columns);
  return fmt::format(
      "WITH net AS MATERIALIZED (SELECT {0}, CAST(SUM(c{1}) AS BIGINT) AS w FROM ({2}) AS "
      "d({0}, c{1}) GROUP BY {0} HAVING SUM(c{1}) <> 0), "
      "gone AS MATERIALIZED (SELECT {0}, -w AS w, ROW_NUMBER() OVER () AS k FROM net WHERE w < 0), "
      "found AS (SELECT {3}, n.w, t.r, ROW_NUMBER() OVER (PARTITION BY n.k) AS i, COUNT(t.r) OVER "
      "(PARTITION BY n.k) AS likes FROM gone AS n LEFT JOIN tarn_table({4}) AS t ON {5}) "
      "SELECT {0}, w, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT) FROM net WHERE w > 0 "
      "UNION ALL SELECT {0}, -w, r, CAST(likes AS BIGINT) FROM found WHERE i <= w",
      all, columns, delta, Columns("n.", columns), target, same);
}

int64_t LongAt(const ColumnView& column, int64_t row) {
  return reinterpret_cast<const int64_t*>(column.values)[row];
}

/// Takes the batches of that query.
class DeltaWriter {
 public:
  DeltaWriter(size_t columns, std::vector<Type> types, table::RowChangeWriter& writer,
              RefreshReport& report)
      : columns_(columns), types_(std::move(types)), writer_(writer), report_(report) {}

  StatementResult<> Take(const BatchView& batch) {
    const ColumnView& weights = batch.columns[columns_];
    const ColumnView& numbers = batch.columns[columns_ + 1];
    const ColumnView& likes = batch.columns[columns_ + 2];
    std::vector<int64_t> deleted;
    std::vector<int32_t> inserted;
    for (int32_t row = 0; row < batch.rows; ++row) {
      const int64_t weight = LongAt(weights, row);
      if (weight > 0) {
        inserted.insert(inserted.end(), static_cast<size_t>(weight), row);
        continue;
      }
      if (numbers.is_null(row) || LongAt(likes, row) < -weight) return MissingRow();
      deleted.push_back(LongAt(numbers, row));
    }
    STATEMENT_TRY(writer_.Delete(deleted));
    report_.deleted_rows += std::ssize(deleted);
    report_.inserted_rows += std::ssize(inserted);
    if (inserted.empty()) return {};
    const BatchSelection rows(batch, types_, inserted);
    BatchView values{.rows = rows.view().rows, .columns = {}};
    values.columns.assign(rows.view().columns.begin(),
                          rows.view().columns.begin() + static_cast<std::ptrdiff_t>(columns_));
    STATEMENT_TRY(writer_.Insert(values));
    return {};
  }

 private:
  static StatementFailure MissingRow() {
    return std::unexpected(AsStatementError(
        Error{ErrorKind::kInternal, "a row that is to go is not in the dynamic table", {}, {}}));
  }

  const size_t columns_;
  const std::vector<Type> types_;
  table::RowChangeWriter& writer_;
  RefreshReport& report_;
};

}  // namespace

StatementResult<> ApplyDelta(const QueryContext& context, const PinnedTable& table,
                             const DefinedTable& defined, const Frontier& before,
                             const Frontier& after, SessionTransaction& transaction,
                             RefreshReport& report) {
  const sql::BoundQuery& query = defined.bound.query;
  std::vector<bool> changed;
  for (const sql::BoundTable& bound : query.tables) {
    const ObjectId id = static_cast<const PinnedTable*>(bound.table.handle.get())->head.id;
    changed.push_back(SourceOf(before, id)->version != SourceOf(after, id)->version);
  }
  const auto delta = incremental::DeltaOf(query, changed);
  if (!delta) {
    return std::unexpected(
        AsStatementError(Error{ErrorKind::kUnsupported, delta.error().reason, {}, {}}));
  }
  STATEMENT_ASSIGN(const sql::BoundQuery states, PinStates(*delta, query, before));
  STATEMENT_ASSIGN(auto tables, PlanTables(context, states));
  const table::TableContext& files = context.account->tables();
  STATEMENT_ASSIGN(
      iceberg::ScanPlan plan,
      iceberg::PlanScan(table::MakeCommitContext(files, Uuid()), table.loaded.metadata, {}));
  engine::QueryTable target{.plan = plan};
  sql::PrintedQuery printed;
  for (const ::tarn::Field& field : table.loaded.metadata->current_schema().fields) {
    target.columns.push_back({.field = field, .default_value = {}});
    printed.carriers.push_back(field.type);
  }
  const size_t columns = printed.carriers.size();
  printed.text = NettedText(sql::PrintForDuckdb(states.query), columns, tables.size());
  tables.push_back(std::move(target));
  printed.carriers.insert(printed.carriers.end(), 3, Type::Primitive(TypeKind::kLong));
  const std::vector<Type> types = printed.carriers;
  STATEMENT_TRY(transaction.Announce(table.loaded.metadata->location));
  STATEMENT_ASSIGN(const auto writer,
                   table::OpenRowChangeWriter(files, transaction.writer(), table.loaded,
                                              std::move(plan), transaction.next_ordinal()));
  DeltaWriter rows(columns, types, *writer, report);
  STATEMENT_ASSIGN(const auto stream,
                   OpenPlannedQuery(context, std::move(tables), std::move(printed)));
  std::vector<uint8_t> bytes;
  while (true) {
    if (auto next = stream->Next(bytes); !next) {
      return std::unexpected(FromQuery(std::move(next).error()));
    }
    if (bytes.empty()) break;
    STATEMENT_ASSIGN(const BatchView batch, DecodeBatch(bytes, types));
    STATEMENT_TRY(rows.Take(batch));
  }
  STATEMENT_ASSIGN(auto change, writer->Finish({.no_new_deletes = true}));
  STATEMENT_TRY(transaction.Change(table, std::move(change)));
  transaction.SetProperties(table, ToProperties(after));
  return {};
}

}  // namespace tarn::warehouse
