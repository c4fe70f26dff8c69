// SPDX-License-Identifier: Apache-2.0
#include "warehouse/managed_tables/file_load.h"

#include <algorithm>
#include <cstring>

#include "base/batch_selection.h"

namespace tarn::warehouse {
namespace {

/// The number of a staged row, as the engine tells it.
int64_t NumberAt(const ColumnView& column, int32_t row) {
  int64_t number = 0;
  std::memcpy(&number, column.values + static_cast<size_t>(row) * sizeof(number), sizeof(number));
  return number & ~engine::kPendingRowBit;
}

bool IsTrueAt(const ColumnView& column, int32_t row) {
  return !column.is_null(row) && (column.values[row / 8] >> (row % 8) & 1) != 0;
}

/// Snowflake, "COPY INTO <table>", the example of VALIDATION_MODE.
StatementError NullInFile(StatementError refusal) {
  refusal.error.message +=
      ". Use quotes if an empty field should be interpreted as an empty string instead of a null";
  refusal.code = "100088";
  return refusal;
}

constexpr size_t kFirstFlag = 1;  // behind the row's number

}  // namespace

StatementResult<std::unique_ptr<FileLoad>> FileLoad::Open(const QueryContext& context,
                                                          const PreparedLoad& load,
                                                          SessionTransaction& transaction) {
  std::unique_ptr<FileLoad> opened(new FileLoad(context, load));
  const iceberg::TableMetadata& metadata = *transaction.StateOf(*load.table).metadata;
  STATEMENT_TRY(transaction.Announce(metadata.location));
  STATEMENT_ASSIGN(opened->writer_,
                   table::OpenRowWriter(context.account->tables(), transaction.writer(), metadata,
                                        {.fields = metadata.current_schema().fields,
                                         .partition_spec_id = metadata.default_spec_id,
                                         .first_ordinal = transaction.next_ordinal()}));
  for (const auto& column : load.guarded.query.query.columns) {
    opened->types_.push_back(column.carrier);
  }
  return opened;
}

StatementResult<FileResult> FileLoad::Load(const FileRows& file, const ErrorPolicy& policy) {
  const bool abort = policy.on_error == OnError::kAbortStatement;
  Tally tally;
  STATEMENT_TRY(Run(file, policy.on_error != OnError::kSkipFile, abort, tally));
  const int64_t bad = tally.bad + file.faults();
  if (policy.on_error == OnError::kSkipFile && !IsSkipped(policy, bad, file.records())) {
    const std::optional<BadRow> first = tally.first;
    tally = {};
    STATEMENT_TRY(Run(file, true, false, tally));
    tally.first = first;
  }
  FileResult result{.status = "LOADED",
                    .rows_parsed = file.records(),
                    .rows_loaded = abort && bad > 0                         ? 0
                                   : IsSkipped(policy, bad, file.records()) ? 0
                                                                            : tally.loaded,
                    .errors_seen = bad,
                    .first_error = std::nullopt};
  if (bad == 0) return result;
  result.status = result.rows_loaded == 0 ? "LOAD_FAILED" : "PARTIALLY_LOADED";
  STATEMENT_ASSIGN(result.first_error, FirstError(file, tally));
  return result;
}

StatementResult<FileResult> FileLoad::Check(const FileRows& file) {
  Tally tally;
  STATEMENT_TRY(Run(file, false, false, tally));
  FileResult result{.status = "LOADED",
                    .rows_parsed = file.records(),
                    .errors_seen = tally.bad + file.faults(),
                    .first_error = std::nullopt};
  if (result.errors_seen == 0) return result;
  STATEMENT_ASSIGN(result.first_error, FirstError(file, tally));
  return result;
}

bool IsSkipped(const ErrorPolicy& policy, int64_t bad, int64_t records) {
  if (policy.on_error != OnError::kSkipFile) return false;
  if (!policy.skip_percent) return bad >= policy.skip_errors;
  return static_cast<double>(bad) * 100 > *policy.skip_percent * static_cast<double>(records);
}

StatementResult<std::vector<engine::QueryTable>> FileLoad::Plan(const sql::BoundLoad& bound,
                                                                engine::PendingRows rows) const {
  STATEMENT_ASSIGN(auto tables, PlanTables(context_, bound.query));
  tables.at(0).pending = std::move(rows);
  return tables;
}

StatementResult<> FileLoad::Run(const FileRows& file, bool write, bool stop, Tally& tally) {
  STATEMENT_ASSIGN(auto tables, Plan(load_.guarded, file.rows().rows));
  bool stopped = false;
  auto done = ForEachBatch(context_, std::move(tables), load_.guarded.query,
                           [&](const BatchView& batch) -> StatementResult<> {
                             std::vector<int32_t> good;
                             for (int32_t row = 0; row < batch.rows; ++row) {
                               auto bad = Judge(batch, row);
                               if (!bad) {
                                 good.push_back(row);
                                 continue;
                               }
                               ++tally.bad;
                               if (!tally.first || bad->row < tally.first->row)
                                 tally.first = std::move(bad);
                             }
                             stopped = stop && tally.bad > 0;
                             if (stopped) return std::unexpected(StatementError{});
                             tally.loaded += static_cast<int64_t>(good.size());
                             return write ? Write(batch, good) : StatementResult<>();
                           });
  if (stopped) return {};
  return done;
}

std::optional<FileLoad::BadRow> FileLoad::Judge(const BatchView& batch, int32_t row) const {
  const size_t items = load_.guarded.columns.size();
  for (size_t item = 0; item < items; ++item) {
    if (!IsTrueAt(batch.columns[kFirstFlag + item], row)) continue;
    return BadRow{.row = NumberAt(batch.columns[0], row), .item = item, .refusal = std::nullopt};
  }
  const size_t first_value = kFirstFlag + items;
  std::optional<BadRow> bad;
  for (size_t column = 0; column < load_.guarded.counted.size(); ++column) {
    if (load_.guarded.counted[column]) continue;
    auto refusal = intake_.Refusal(column, batch.columns[first_value + column], row);
    if (!refusal) continue;
    const auto found = std::ranges::find(load_.guarded.columns, column);
    const auto item = static_cast<size_t>(found - load_.guarded.columns.begin());
    if (bad && bad->item <= item) continue;
    if (load_.delimited && item < items && refusal->code == "100072") {
      refusal = NullInFile(*std::move(refusal));
    }
    bad = BadRow{.row = NumberAt(batch.columns[0], row), .item = item, .refusal = refusal};
  }
  return bad;
}

StatementResult<> FileLoad::Write(const BatchView& batch, const std::vector<int32_t>& good) {
  if (good.empty()) return {};
  const bool all = static_cast<int64_t>(good.size()) == batch.rows;
  std::optional<BatchSelection> selection;
  if (!all) selection.emplace(batch, types_, good);
  const BatchView& rows = all ? batch : selection->view();
  const auto first =
      rows.columns.begin() + static_cast<std::ptrdiff_t>(kFirstFlag + load_.guarded.columns.size());
  BatchView values{.rows = rows.rows, .columns = {first, rows.columns.end()}};
  return intake_.Give(std::move(values), load_.guarded.counted,
                      [&](const BatchView& v) { return writer_->Append(v); });
}

/// Of what the records' form and the values say, whatever stands first.
StatementResult<LoadError> FileLoad::FirstError(const FileRows& file, const Tally& tally) const {
  const std::optional<RecordFault>& fault = file.first_fault();
  const int64_t record = tally.first ? file.RecordOf(tally.first->row) : 0;
  if (fault && (!tally.first || fault->record < record)) {
    return LoadError{.error = fault->error,
                     .record = fault->record,
                     .place = file.PlaceOf(*fault),
                     .column = ColumnName(fault->field)};
  }
  LoadError error{.error = {}, .record = record, .place = {}, .column = {}};
  STATEMENT_ASSIGN(error.error, WhyOf(file, *tally.first));
  error.place = file.PlaceOf(record, load_.by_place ? tally.first->item : 0);
  if (tally.first->item < load_.guarded.columns.size()) {
    error.column = ColumnName(tally.first->item + 1);
  }
  return error;
}

/// The row alone, computed without guard.
StatementResult<StatementError> FileLoad::WhyOf(const FileRows& file, const BadRow& bad) const {
  if (bad.refusal) return *bad.refusal;
  engine::PendingRows row = file.rows().rows;
  row.visible = {{.begin = bad.row, .end = bad.row + 1}};
  STATEMENT_ASSIGN(auto tables, Plan(load_.plain, std::move(row)));
  auto done = ForEachBatch(context_, std::move(tables), load_.plain.query,
                           [](const BatchView&) { return StatementResult<>(); });
  if (done) {
    return StatementError{
        .error = {ErrorKind::kInvalidArgument, "the value cannot be converted", {}, {}}};
  }
  StatementError error = std::move(done).error();
  error.position.reset();
  if (error.error.kind == ErrorKind::kInvalidArgument) return error;
  return std::unexpected(std::move(error));
}

std::string FileLoad::ColumnName(size_t place) const {
  const std::string& table = load_.table->head.name;
  if (place == 0 || place > load_.guarded.columns.size()) {
    return fmt::format("\"{}\"[{}]", table, place);
  }
  const Column& column = load_.table->definition.columns[load_.guarded.columns[place - 1]];
  return fmt::format("\"{}\"[\"{}\":{}]", table, column.name, place);
}

}  // namespace tarn::warehouse
