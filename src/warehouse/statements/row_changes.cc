// SPDX-License-Identifier: Apache-2.0
// UPDATE, DELETE and MERGE (Snowflake's pages of these names).
#include <algorithm>

#include "base/batch_selection.h"
#include "iceberg/deletes/position_bitmap.h"
#include "table/row_update.h"
#include "warehouse/managed_tables/row_intake.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/statements/actions.h"
#include "warehouse/statements/changed_table.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;
using iceberg::PositionBitmap;
using syntax::MergeAction;

struct ChangedRows {
  int64_t inserted = 0;
  int64_t updated = 0;
  int64_t deleted = 0;
  int64_t multi_joined = 0;
};

StatementFailure DuplicateRow() {
  return std::unexpected(StatementError{
      .error = {ErrorKind::kInvalidArgument, "Duplicate row detected during DML action", {}, {}},
      .code = "100090",
      .sqlstate = "42P18"});
}

/// What the columns of the statement's query are (sql/bind/bind_change.h).
struct Layout {
  std::optional<size_t> row_id;
  std::optional<size_t> clause;
  size_t values = 1;
};

/// Takes the batches of one statement's query.
class RowChanger {
 public:
  RowChanger(const QueryContext& context, const ChangedTable& changed, Layout layout,
             bool fails_on_duplicates, table::RowChangeWriter& writer)
      : changed_(changed),
        layout_(layout),
        fails_on_duplicates_(fails_on_duplicates),
        writer_(writer),
        intake_(context, *changed.table) {
    for (const auto& column : changed.bound.query.query.columns) types_.push_back(column.carrier);
  }

  const ChangedRows& rows() const { return rows_; }

  StatementResult<> Take(const BatchView& batch) {
    std::vector<std::vector<int32_t>> by_clause(changed_.bound.clauses.size());
    for (int32_t row = 0; row < batch.rows; ++row) {
      size_t clause = 0;
      if (layout_.clause) {
        const ColumnView& column = batch.columns[*layout_.clause];
        if (column.is_null(row)) continue;
        clause = static_cast<size_t>(reinterpret_cast<const int32_t*>(column.values)[row]);
      }
      STATEMENT_ASSIGN(const bool counts, Counts(batch, row, clause));
      if (counts) by_clause[clause].push_back(row);
    }
    for (size_t clause = 0; clause < by_clause.size(); ++clause) {
      if (by_clause[clause].empty()) continue;
      STATEMENT_TRY(Apply(batch, by_clause[clause], changed_.bound.clauses[clause]));
    }
    return {};
  }

 private:
  static int64_t NumberOf(const BatchView& batch, int32_t row) {
    return reinterpret_cast<const int64_t*>(batch.columns[0].values)[row];
  }

  /// Whether the row is changed by this clause, and not by an earlier match.
  StatementResult<bool> Counts(const BatchView& batch, int32_t row, size_t clause) {
    const MergeAction action = changed_.bound.clauses[clause].action;
    if (action == MergeAction::kInsert) return true;
    const int64_t number = NumberOf(batch, row);
    const bool was_updated = updated_.Contains(number);
    const bool was_deleted = deleted_.Contains(number);
    if (!was_updated && !was_deleted) {
      (action == MergeAction::kUpdate ? updated_ : deleted_).Add(number);
      return true;
    }
    // To delete a row twice is one and the same.
    if (action == MergeAction::kDelete && was_deleted) return false;
    if (fails_on_duplicates_) return DuplicateRow();
    if (!multi_joined_.Contains(number)) {
      multi_joined_.Add(number);
      ++rows_.multi_joined;
    }
    return false;
  }

  StatementResult<> Apply(const BatchView& whole, const std::vector<int32_t>& rows,
                          const sql::BoundClause& clause) {
    const BatchSelection selection(whole, types_, rows);
    const BatchView& batch = selection.view();
    if (clause.action != MergeAction::kInsert) {
      STATEMENT_TRY(writer_.Delete({reinterpret_cast<const int64_t*>(batch.columns[0].values),
                                    static_cast<size_t>(batch.rows)}));
    }
    if (clause.action == MergeAction::kDelete) {
      rows_.deleted += batch.rows;
      return {};
    }
    const bool inserts = clause.action == MergeAction::kInsert;
    (inserts ? rows_.inserted : rows_.updated) += batch.rows;
    BatchView values{.rows = batch.rows, .columns = {}};
    values.columns.assign(batch.columns.begin() + static_cast<std::ptrdiff_t>(layout_.values),
                          batch.columns.end());
    return intake_.Give(std::move(values), clause.counted, [&](const BatchView& given) {
      if (inserts || !layout_.row_id) return writer_.Insert(given);
      return writer_.InsertReplaced(given, batch.columns[*layout_.row_id]);
    });
  }

  const ChangedTable& changed_;
  const Layout layout_;
  const bool fails_on_duplicates_;
  table::RowChangeWriter& writer_;
  const RowIntake intake_;
  std::vector<Type> types_;
  PositionBitmap updated_, deleted_, multi_joined_;
  ChangedRows rows_;
};

StatementResult<ChangedRows> ChangeRows(const StatementContext& context,
                                        const ChangedTable& changed, Layout layout,
                                        bool fails_on_duplicates) {
  const QueryContext query = context.query();
  SessionTransaction& transaction = *context.transaction;
  const iceberg::LoadedTable& base = transaction.StateOf(*changed.table);
  STATEMENT_ASSIGN(auto tables, PlanTables(query, changed.bound.query));
  const auto target = static_cast<size_t>(changed.bound.target_table);
  STATEMENT_TRY(transaction.Announce(base.metadata->location));
  STATEMENT_ASSIGN(const auto writer,
                   table::OpenRowChangeWriter(context.account->tables(), transaction.writer(), base,
                                              *tables.at(target).plan, transaction.next_ordinal()));
  RowChanger changer(query, changed, layout, fails_on_duplicates, *writer);
  STATEMENT_TRY(ForEachBatch(query, std::move(tables), changed.bound.query,
                             [&](const BatchView& batch) { return changer.Take(batch); }));
  // New values were computed of the rows as they were; a delete of any may have been of these.
  const bool rewrites = changer.rows().updated > 0;
  STATEMENT_ASSIGN(auto change, writer->Finish({.no_new_deletes = rewrites}));
  STATEMENT_TRY(transaction.Change(*changed.table, std::move(change)));
  return changer.rows();
}

Layout LayoutOf(bool row_ids, bool clauses) {
  Layout layout;
  if (row_ids) layout.row_id = layout.values++;
  if (clauses) layout.clause = layout.values++;
  return layout;
}

bool HasLineage(const ChangedTable& changed) {
  constexpr int32_t kLineageVersion = 3;
  return changed.table->loaded.metadata->format_version >= kLineageVersion;
}

StatementOutcome Counted(std::vector<RowCount> counts) {
  return {.status = {}, .counts = std::move(counts), .rows = std::nullopt};
}

bool IsOn(const StatementContext& context, std::string_view parameter) {
  return context.session->Parameter(parameter) == "true";
}

}  // namespace

Outcome Act(StatementContext& context, const syntax::Update& update) {
  STATEMENT_ASSIGN(
      const ChangedTable changed,
      OpenToChange(context, update.table, {kUpdate},
                   [&](const sql::ChangeTarget& target, const sql::BindRequest& request) {
                     return sql::BindUpdate(update, target, request);
                   }));
  STATEMENT_ASSIGN(const ChangedRows rows,
                   ChangeRows(context, changed, LayoutOf(HasLineage(changed), false),
                              IsOn(context, "ERROR_ON_NONDETERMINISTIC_UPDATE")));
  return Counted({{"number of rows updated", rows.updated},
                  {"number of multi-joined rows updated", rows.multi_joined}});
}

Outcome Act(StatementContext& context, const syntax::Delete& remove) {
  STATEMENT_ASSIGN(
      const ChangedTable changed,
      OpenToChange(context, remove.table, {kDelete},
                   [&](const sql::ChangeTarget& /*target*/, const sql::BindRequest& request) {
                     return sql::BindDelete(remove, request);
                   }));
  STATEMENT_ASSIGN(const ChangedRows rows,
                   ChangeRows(context, changed, LayoutOf(false, false), false));
  return Counted({{"number of rows deleted", rows.deleted}});
}

Outcome Act(StatementContext& context, const syntax::Merge& merge) {
  const auto has = [&](MergeAction action) {
    return std::ranges::find(merge.clauses, action, &syntax::MergeClause::action) !=
           merge.clauses.end();
  };
  std::vector<std::string_view> privileges;
  if (has(MergeAction::kInsert)) privileges.push_back(kInsert);
  if (has(MergeAction::kUpdate)) privileges.push_back(kUpdate);
  if (has(MergeAction::kDelete)) privileges.push_back(kDelete);
  STATEMENT_ASSIGN(
      const ChangedTable changed,
      OpenToChange(context, merge.table, privileges,
                   [&](const sql::ChangeTarget& target, const sql::BindRequest& request) {
                     return sql::BindMerge(merge, target, request);
                   }));
  STATEMENT_ASSIGN(const ChangedRows rows,
                   ChangeRows(context, changed, LayoutOf(HasLineage(changed), true),
                              IsOn(context, "ERROR_ON_NONDETERMINISTIC_MERGE")));
  std::vector<RowCount> counts;
  if (has(MergeAction::kInsert)) counts.push_back({"number of rows inserted", rows.inserted});
  if (has(MergeAction::kUpdate)) counts.push_back({"number of rows updated", rows.updated});
  if (has(MergeAction::kDelete)) counts.push_back({"number of rows deleted", rows.deleted});
  return Counted(std::move(counts));
}

}  // namespace tarn::warehouse
