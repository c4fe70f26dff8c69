// SPDX-License-Identifier: Apache-2.0
#include "warehouse/managed_tables/row_intake.h"

#include <cstring>
#include <type_traits>

#include "warehouse/managed_tables/counted_values.h"
#include "warehouse/managed_tables/stored_columns.h"
#include "warehouse/session/failures.h"

namespace tarn::warehouse {
namespace {

StatementFailure Refused(const char* code, const char* sqlstate, std::string message) {
  return std::unexpected(
      StatementError{.error = {ErrorKind::kInvalidArgument, std::move(message), {}, {}},
                     .code = code,
                     .sqlstate = sqlstate});
}

bool HasNull(const ColumnView& column) {
  if (column.validity == nullptr) return false;
  for (int64_t row = 0; row < column.rows; ++row) {
    if (column.is_null(row)) return true;
  }
  return false;
}

bool FitsDigits(Int128 value, int32_t precision) {
  Int128 limit = 1;
  for (int32_t i = 0; i < precision; ++i) limit *= 10;
  return value < limit && value > -limit;
}

}  // namespace

RowIntake::RowIntake(const QueryContext& context, const PinnedTable& table)
    : context_(context), table_(table) {
  const iceberg::Schema& schema = table.loaded.metadata->current_schema();
  for (const Column& column : table.definition.columns) {
    const ::tarn::Field* const field = schema.FindField(FieldId(column.field_id));
    types_.push_back(field == nullptr ? Type() : field->type);
  }
}

std::optional<StatementError> RowIntake::Refusal(size_t column, const ColumnView& values,
                                                 int64_t row) const {
  const Column& definition = table_.definition.columns[column];
  if (values.is_null(row)) {
    if (definition.nullable) return std::nullopt;
    return Refused("100072", "22000", "NULL result in a non-nullable column").error();
  }
  if (definition.type.kind != sql::DataTypeKind::kBinary) return std::nullopt;
  const int64_t length = values.offsets[row + 1] - values.offsets[row];
  if (length <= definition.type.length) return std::nullopt;
  return Refused("100078", "22000",
                 fmt::format("Binary value of {} bytes is too long and would be truncated", length))
      .error();
}

StatementResult<> RowIntake::Check(size_t column, const ColumnView& values) const {
  const Column& definition = table_.definition.columns[column];
  const bool binary = definition.type.kind == sql::DataTypeKind::kBinary;
  if (!binary && (definition.nullable || !HasNull(values))) return {};
  for (int64_t row = 0; row < values.rows; ++row) {
    if (auto refusal = Refusal(column, values, row)) return std::unexpected(*std::move(refusal));
  }
  return {};
}

StatementResult<std::vector<uint64_t>> RowIntake::Numbers(size_t column, int64_t rows) const {
  const Column& definition = table_.definition.columns[column];
  STATEMENT_ASSIGN(const CountedBlock block,
                   TakeCountedValues(context_.account->metastore(), *context_.session,
                                     table_.head.id, definition, rows));
  std::vector<uint64_t> words(static_cast<size_t>(rows) * 2);
  for (int64_t row = 0; row < rows; ++row) {
    const Int128 value = Int128{block.first} + Int128{row} * block.increment;
    if (!FitsDigits(value, definition.type.precision)) {
      return Refused("100046", "22003",
                     fmt::format("Number out of representable range: type FIXED({},0), value {}",
                                 definition.type.precision, static_cast<int64_t>(value)));
    }
    std::memcpy(&words[static_cast<size_t>(row) * 2], &value, sizeof(value));
  }
  return words;
}

StatementResult<> RowIntake::Give(BatchView rows, const std::vector<bool>& counted,
                                  const Take& take) const {
  if (rows.rows == 0) return {};
  std::vector<std::vector<uint64_t>> numbers(rows.columns.size());
  for (size_t i = 0; i < rows.columns.size(); ++i) {
    if (i < counted.size() && counted[i]) {
      STATEMENT_ASSIGN(numbers[i], Numbers(i, rows.rows));
      rows.columns[i] = {.rows = rows.rows,
                         .validity = nullptr,
                         .values = reinterpret_cast<const uint8_t*>(numbers[i].data()),
                         .values_bytes = numbers[i].size() * sizeof(uint64_t),
                         .offsets = nullptr,
                         .children = {}};
    }
    STATEMENT_TRY(Check(i, rows.columns[i]));
  }
  STATEMENT_TRY(take(rows));
  return {};
}

StatementResult<> ForEachBatch(const QueryContext& context, std::vector<engine::QueryTable> tables,
                               const sql::BoundQuery& query,
                               const std::function<StatementResult<>(BatchView)>& visit) {
  sql::PrintedQuery printed = sql::Print(query);
  const std::vector<Type> carriers = printed.carriers;
  STATEMENT_ASSIGN(const auto stream,
                   OpenPlannedQuery(context, std::move(tables), std::move(printed)));
  struct Attached {
    explicit Attached(StatementRun* run, engine::QueryStream* stream) : run(run) {
      run->Attach(stream);
    }
    ~Attached() { run->Detach(); }
    StatementRun* run;
  } const attached(context.run, stream.get());
  std::vector<uint8_t> bytes;
  while (true) {
    if (auto next = stream->Next(bytes); !next) {
      return std::unexpected(FromQuery(std::move(next).error()));
    }
    if (bytes.empty()) return {};
    STATEMENT_ASSIGN(BatchView batch, DecodeBatch(bytes, carriers));
    STATEMENT_TRY(visit(std::move(batch)));
  }
}

}  // namespace tarn::warehouse
