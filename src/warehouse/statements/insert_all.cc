// SPDX-License-Identifier: Apache-2.0
// Multi-table inserts (Snowflake, "INSERT (multi-table)").
#include <algorithm>
#include <map>

#include "base/batch_selection.h"
#include "table/row_writer.h"
#include "warehouse/managed_tables/row_intake.h"
#include "warehouse/managed_tables/row_writing.h"
#include "warehouse/managed_tables/stored_columns.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/statements/actions.h"
#include "warehouse/statements/changed_table.h"
#include "warehouse/statements/object_statements.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

/// A table of the statement, which may stand in several INTOs.
struct FilledTable {
  std::shared_ptr<const PinnedTable> table;
  std::unique_ptr<RowIntake> intake;
  std::unique_ptr<table::RowWriter> writer;
};

/// The statement at work.
class MultiInsert {
 public:
  MultiInsert(StatementContext& context, const syntax::MultiTableInsert& insert)
      : context_(context), query_(context.query()), insert_(insert) {
    for (const syntax::InsertBranch& branch : insert.branches) {
      for (const syntax::InsertTarget& into : branch.targets) intos_.push_back(&into);
    }
  }

  StatementResult<> Open() {
    if (insert_.overwrite) {
      // Behind the locks the tables are looked at again.
      for (const syntax::InsertTarget* into : intos_) {
        STATEMENT_TRY(OpenToChange(context_, into->table, {kInsert, kDelete}, nullptr));
      }
    }
    while (true) {
      STATEMENT_ASSIGN(const bool settled, Bind());
      if (settled) return {};
    }
  }

  /// False: again, behind the locks of streams.
  StatementResult<bool> Bind() {
    STATEMENT_ASSIGN(const auto moment, BindingMoment::Open(query_));
    std::vector<sql::ChangeTarget> targets;
    ids_.clear();
    types_.clear();
    for (const syntax::InsertTarget* into : intos_) {
      STATEMENT_ASSIGN(const ObjectName name, NameOf(context_, into->table));
      STATEMENT_ASSIGN(const auto table, moment->Table(name, kInsert));
      STATEMENT_TRY(CheckWritable(*table));
      STATEMENT_ASSIGN(targets.emplace_back(), TargetOf(query_, *table));
      ids_.push_back(table->head.id);
      tables_[table->head.id].table = table;
    }
    auto bound = sql::BindInsertAll(insert_, targets, moment->Request());
    if (!bound) return std::unexpected(moment->FailureOf(std::move(bound).error()));
    bound_ = *std::move(bound);
    rows_.assign(intos_.size(), 0);
    for (const auto& column : bound_.query.query.columns) types_.push_back(column.carrier);
    return ConsumeStreams(context_, *context_.transaction, moment->snapshot(), bound_.query);
  }

  StatementResult<> Write() {
    for (auto& [id, filled] : tables_) STATEMENT_TRY(OpenWriter(filled));
    STATEMENT_ASSIGN(auto planned, PlanTables(query_, bound_.query));
    STATEMENT_TRY(ForEachBatch(query_, std::move(planned), bound_.query,
                               [&](const BatchView& batch) { return Take(batch); }));
    SessionTransaction& transaction = *context_.transaction;
    int32_t next_ordinal = transaction.next_ordinal();
    std::map<ObjectId, std::vector<iceberg::DataFile>> files;
    for (auto& [id, filled] : tables_) {
      STATEMENT_ASSIGN(files[id], filled.writer->Finish());
      next_ordinal = std::max(next_ordinal, filled.writer->next_ordinal());
    }
    for (auto& [id, filled] : tables_) {
      STATEMENT_TRY(insert_.overwrite
                        ? transaction.Replace(*filled.table, std::move(files[id]), next_ordinal)
                        : transaction.Append(*filled.table, std::move(files[id]), next_ordinal));
      next_ordinal = transaction.next_ordinal();
    }
    return {};
  }

  /// One of each table, where it first stands.
  std::vector<RowCount> Counts() const {
    std::vector<RowCount> counts;
    for (size_t i = 0; i < intos_.size(); ++i) {
      std::string label =
          fmt::format("number of rows inserted into {}", tables_.at(ids_[i]).table->head.name);
      const auto same = std::ranges::find(counts, label, &RowCount::label);
      if (same == counts.end()) {
        counts.push_back({std::move(label), rows_[i]});
      } else {
        same->rows += rows_[i];
      }
    }
    return counts;
  }

 private:
  StatementResult<> OpenWriter(FilledTable& filled) {
    SessionTransaction& transaction = *context_.transaction;
    const iceberg::TableMetadata& metadata = *transaction.StateOf(*filled.table).metadata;
    STATEMENT_TRY(transaction.Announce(metadata.location));
    STATEMENT_ASSIGN(filled.writer, table::OpenRowWriter(
                                        context_.account->tables(), transaction.writer(), metadata,
                                        {.fields = metadata.current_schema().fields,
                                         .partition_spec_id = metadata.default_spec_id,
                                         .first_ordinal = transaction.next_ordinal()}));
    filled.intake = std::make_unique<RowIntake>(query_, *filled.table);
    return {};
  }

  StatementResult<> Take(const BatchView& batch) {
    for (size_t i = 0; i < intos_.size(); ++i) {
      const sql::BoundInsertRows& part = bound_.targets[i];
      const uint8_t* const applies = batch.columns[part.applies].values;
      std::vector<int32_t> rows;
      for (int32_t row = 0; row < batch.rows; ++row) {
        if ((applies[row / 8] >> (row % 8) & 1) != 0) rows.push_back(row);
      }
      if (rows.empty()) continue;
      FilledTable& filled = tables_.at(ids_[i]);
      const BatchSelection selection(batch, types_, rows);
      const auto first =
          selection.view().columns.begin() + static_cast<std::ptrdiff_t>(part.first_value);
      BatchView values{.rows = selection.view().rows, .columns = {}};
      values.columns.assign(first, first + static_cast<std::ptrdiff_t>(part.counted.size()));
      rows_[i] += values.rows;
      STATEMENT_TRY(filled.intake->Give(std::move(values), part.counted, [&](const BatchView& v) {
        return filled.writer->Append(v);
      }));
    }
    return {};
  }

  StatementContext& context_;
  const QueryContext query_;
  const syntax::MultiTableInsert& insert_;
  std::vector<const syntax::InsertTarget*> intos_;
  std::vector<ObjectId> ids_;  ///< of the INTOs' tables
  std::map<ObjectId, FilledTable> tables_;
  sql::BoundMultiInsert bound_;
  std::vector<Type> types_;
  std::vector<int64_t> rows_;
};

}  // namespace

Outcome Act(StatementContext& context, const syntax::MultiTableInsert& insert) {
  MultiInsert work(context, insert);
  STATEMENT_TRY(work.Open());
  STATEMENT_TRY(work.Write());
  return StatementOutcome{.status = {}, .counts = work.Counts(), .rows = std::nullopt};
}

}  // namespace tarn::warehouse
