// SPDX-License-Identifier: Apache-2.0
#include "warehouse/dynamic/delta_rows.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/batch_selection.h"
#include "iceberg/plan/scan_plan.h"
#include "sql/duckdb_text/print.h"
#include "table/row_update.h"
#include "warehouse/dynamic/delta_tables.h"
#include "warehouse/dynamic/row_lookup.h"
#include "warehouse/managed_tables/row_intake.h"
#include "warehouse/session/failures.h"

namespace tarn::warehouse {
namespace {

using incremental::DeltaPlan;
using incremental::KeptNames;
using incremental::KeptStep;

/// Groups of a query beyond these many values are not kept.
constexpr int64_t kKeptValuesMost = 40'000'000;

std::string Columns(size_t count) {
  std::string columns;
  for (size_t i = 0; i < count; ++i) columns += fmt::format("{}c{}", i > 0 ? ", " : "", i);
  return columns;
}

StatementFailure NotIncrementalAfterAll(const incremental::NotIncremental& why) {
  return std::unexpected(AsStatementError(Error{ErrorKind::kUnsupported, why.reason, {}, {}}));
}

int64_t LongAt(const ColumnView& column, int64_t row) {
  return reinterpret_cast<const int64_t*>(column.values)[row];
}

/// Takes one step.
class DeltaApplier {
 public:
  DeltaApplier(const QueryContext& context, const PinnedTable& table, const DefinedTable& defined,
               const FrontierStep& step, const KeptState& kept, SessionTransaction& transaction,
               RefreshReport& report)
      : context_(context),
        table_(table),
        query_(defined.bound.query),
        step_(step),
        kept_(kept),
        transaction_(transaction),
        report_(report),
        tables_(context, query_, step.before) {}

  StatementResult<KeptChange> Run() {
    auto names = kept_.names;
    for (KeptNames& each : names) {
      each.touched = engine::NewKeptTableName();
      each.renewed = engine::NewKeptTableName();
    }
    const auto plan = PlanDelta(query_, ChangedTables(query_, step_.before, step_.after), names);
    if (!plan) return NotIncrementalAfterAll(plan.error());
    for (const KeptStep& step : plan->steps) {
      STATEMENT_TRY(TakeStep(step, names[step.node]));
      change_.statements.push_back(step.apply);
    }
    STATEMENT_TRY(ReadNet(*plan));
    STATEMENT_TRY(WriteChange());
    return std::move(change_);
  }

 private:
  StatementResult<> TakeStep(const KeptStep& step, const KeptNames& names) {
    STATEMENT_ASSIGN(change_.touched.emplace_back(), tables_.Keep(names.touched, step.touched));
    STATEMENT_ASSIGN(const auto counts, tables_.Numbers(step.check, 3));
    const int64_t lost = counts[0], null_keys = counts[1], impossible = counts[2];
    if (impossible > 0) {
      return std::unexpected(AsStatementError(
          Error{ErrorKind::kInternal, "a group loses rows that it does not have", {}, {}}));
    }
    if (lost == 0) return {};
    STATEMENT_ASSIGN(
        const auto renewed,
        tables_.Keep(names.renewed, null_keys == 0 ? step.renewed_equal : step.renewed));
    return tables_.Change(step.renew);
  }

  /// Rows whose weights are not zero.
  StatementResult<> ReadNet(const DeltaPlan& plan) {
    columns_ = table_.loaded.metadata->current_schema().fields.size();
    const std::string all = Columns(columns_);
    const std::string text = fmt::format(
        "SELECT {0}, CAST(sum(c{1}) AS BIGINT) FROM ({2}) AS d({0}, c{1}) GROUP BY {0} HAVING "
        "sum(c{1}) <> 0",
        all, columns_, sql::PrintForDuckdb(plan.delta.query));
    STATEMENT_ASSIGN(auto tables, tables_.Plan(plan.delta.tables));
    STATEMENT_ASSIGN(
        net_, tables_.Keep(engine::NewKeptTableName(), text, columns_ + 1, std::move(tables)));
    STATEMENT_ASSIGN(
        const auto counts,
        tables_.Numbers(
            fmt::format("SELECT CAST(coalesce(sum(c{0}) FILTER (WHERE c{0} > 0), 0) AS BIGINT), "
                        "CAST(coalesce(-sum(c{0}) FILTER (WHERE c{0} < 0), 0) AS BIGINT) FROM {1}",
                        columns_, net_->name()),
            2));
    report_.inserted_rows = counts[0];
    report_.deleted_rows = counts[1];
    return {};
  }

  StatementResult<> WriteChange() {
    const table::TableContext& files = context_.account->tables();
    STATEMENT_ASSIGN(
        iceberg::ScanPlan plan,
        iceberg::PlanScan(table::MakeCommitContext(files, Uuid()), table_.loaded.metadata, {}));
    engine::QueryTable target{.plan = plan};
    for (const ::tarn::Field& field : table_.loaded.metadata->current_schema().fields) {
      target.columns.push_back({.field = field, .default_value = {}});
    }
    STATEMENT_TRY(transaction_.Announce(table_.loaded.metadata->location));
    STATEMENT_ASSIGN(writer_,
                     table::OpenRowChangeWriter(files, transaction_.writer(), table_.loaded,
                                                std::move(plan), transaction_.next_ordinal()));
    if (report_.deleted_rows > 0) STATEMENT_TRY(DeleteRows(target));
    if (report_.inserted_rows > 0) STATEMENT_TRY(InsertRows(target));
    STATEMENT_ASSIGN(auto change, writer_->Finish({.no_new_deletes = true}));
    STATEMENT_TRY(transaction_.Change(table_, std::move(change)));
    transaction_.SetProperties(table_, ToProperties(step_.after));
    return {};
  }

  StatementResult<> DeleteRows(const engine::QueryTable& target) {
    STATEMENT_ASSIGN(const auto gone, FindGoneRows(tables_, net_->name(), target));
    std::vector<int64_t> numbers;
    return ForEach(fmt::format("SELECT c0 FROM {}", gone->name()),
                   {Type::Primitive(TypeKind::kLong)},
                   [&](const BatchView& batch) -> StatementResult<> {
                     numbers.clear();
                     for (int64_t row = 0; row < batch.rows; ++row) {
                       numbers.push_back(LongAt(batch.columns[0], row));
                     }
                     STATEMENT_TRY(writer_->Delete(numbers));
                     return {};
                   });
  }

  StatementResult<> InsertRows(const engine::QueryTable& target) {
    std::vector<Type> types;
    for (const engine::ScanColumn& column : target.columns) types.push_back(column.field.type);
    types.push_back(Type::Primitive(TypeKind::kLong));
    const std::string text = fmt::format("SELECT {0}, c{1} FROM {2} WHERE c{1} > 0",
                                         Columns(columns_), columns_, net_->name());
    return ForEach(text, types, [&](const BatchView& batch) -> StatementResult<> {
      std::vector<int32_t> rows;
      for (int32_t row = 0; row < batch.rows; ++row) {
        rows.insert(rows.end(), static_cast<size_t>(LongAt(batch.columns[columns_], row)), row);
      }
      const BatchSelection selected(batch, types, rows);
      BatchView values{.rows = selected.view().rows, .columns = {}};
      values.columns.assign(
          selected.view().columns.begin(),
          selected.view().columns.begin() + static_cast<std::ptrdiff_t>(columns_));
      STATEMENT_TRY(writer_->Insert(values));
      return {};
    });
  }

  StatementResult<> ForEach(std::string text, std::vector<Type> types,
                            const std::function<StatementResult<>(const BatchView&)>& visit) {
    STATEMENT_ASSIGN(const auto stream,
                     OpenPlannedQuery(context_, {}, {.text = std::move(text), .carriers = types}));
    std::vector<uint8_t> bytes;
    while (true) {
      if (context_.run->is_cancelled()) return context_.run->Failure();
      if (auto next = stream->Next(bytes); !next) {
        return std::unexpected(FromQuery(std::move(next).error()));
      }
      if (bytes.empty()) return {};
      STATEMENT_ASSIGN(const BatchView batch, DecodeBatch(bytes, types));
      STATEMENT_TRY(visit(batch));
    }
  }

  const QueryContext& context_;
  const PinnedTable& table_;
  const sql::BoundQuery& query_;
  const FrontierStep& step_;
  const KeptState& kept_;
  SessionTransaction& transaction_;
  RefreshReport& report_;
  const DeltaTables tables_;
  KeptChange change_;
  std::unique_ptr<engine::KeptTable> net_;
  std::unique_ptr<table::RowChangeWriter> writer_;
  size_t columns_ = 0;
};

StatementResult<int64_t> RowsOf(const QueryContext& context, const engine::KeptTable& table) {
  const std::vector<Type> types = {Type::Primitive(TypeKind::kLong)};
  STATEMENT_ASSIGN(const auto stream,
                   OpenPlannedQuery(context, {},
                                    {.text = fmt::format("SELECT count(*) FROM {}", table.name()),
                                     .carriers = types}));
  std::vector<uint8_t> bytes;
  if (auto next = stream->Next(bytes); !next) {
    return std::unexpected(FromQuery(std::move(next).error()));
  }
  STATEMENT_ASSIGN(const BatchView batch, DecodeBatch(bytes, types));
  return LongAt(batch.columns[0], 0);
}

/// Memory is short, or it would be.
bool IsTooMuch(const StatementError& error) {
  return error.error.kind == ErrorKind::kResourceExhausted;
}

}  // namespace

StatementResult<std::unique_ptr<KeptState>> MakeKeptState(const QueryContext& context,
                                                          const DefinedTable& defined,
                                                          const FrontierStep& step) {
  auto state = std::make_unique<KeptState>();
  state->definition = step.before.definition;
  state->sources = step.before.sources;
  const sql::BoundQuery& query = defined.bound.query;
  std::vector<KeptNames> names(incremental::KeptCount(query));
  if (names.empty()) return state;
  for (KeptNames& each : names) each.kept = engine::NewKeptTableName();
  const auto kept =
      incremental::KeptRows(query, ChangedTables(query, step.before, step.after), names);
  if (!kept) return NotIncrementalAfterAll(kept.error());
  const DeltaTables tables(context, query, step.before);
  for (size_t i = 0; i < kept->size(); ++i) {
    auto made = tables.Keep(names[i].kept, (*kept)[i]);
    const bool fits =
        made && (*made)->rows() * static_cast<int64_t>((*kept)[i].columns) <= kKeptValuesMost;
    if (!fits) {
      if (!made && !IsTooMuch(made.error())) return std::unexpected(made.error());
      state->tables.clear();
      return state;
    }
    state->tables.push_back(*std::move(made));
    state->columns.push_back((*kept)[i].columns);
  }
  state->names = std::move(names);
  return state;
}

StatementResult<KeptChange> ApplyDelta(const QueryContext& context, const PinnedTable& table,
                                       const DefinedTable& defined, const FrontierStep& step,
                                       const KeptState& kept, SessionTransaction& transaction,
                                       RefreshReport& report) {
  return DeltaApplier(context, table, defined, step, kept, transaction, report).Run();
}

StatementResult<> ApplyKeptChange(const QueryContext& context, const KeptChange& change,
                                  const Frontier& after, KeptState& kept) {
  std::string statements;
  for (const std::string& each : change.statements) statements += each + "; ";
  if (!statements.empty()) {
    STATEMENT_TRY(engine::ChangeKeptTables(*context.account->tables().engine, statements));
  }
  kept.sources = after.sources;
  for (size_t i = 0; i < kept.tables.size(); ++i) {
    STATEMENT_ASSIGN(const int64_t rows, RowsOf(context, *kept.tables[i]));
    if (rows * static_cast<int64_t>(kept.columns[i]) <= kKeptValuesMost) continue;
    kept.names.clear();
    kept.tables.clear();
  }
  return {};
}

}  // namespace tarn::warehouse
