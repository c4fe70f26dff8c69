// SPDX-License-Identifier: Apache-2.0
// INFER_SCHEMA of files of type Parquet (Snowflake, "INFER_SCHEMA").
#include <algorithm>
#include <array>

#include "sql/syntax/name.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/argument_values.h"
#include "warehouse/session/table_functions.h"
#include "warehouse/stages/parquet_records.h"
#include "warehouse/stages/stage_format.h"

namespace tarn::warehouse {
namespace {

/// A column in all files that have it.
struct Inferred {
  std::string name, type, files;
};

StatementResult<std::optional<std::string>> TextOf(const TableCall& call, const char* name,
                                                   size_t position) {
  const sql::bound::Expression* const value = FindArgument(call, name, position);
  if (value == nullptr) return std::nullopt;
  STATEMENT_ASSIGN(const auto found, EvaluateArgument(call.moment, *value));
  if (std::holds_alternative<std::monostate>(found.constant)) return std::string();
  const auto* text = std::get_if<std::string>(&found.constant);
  if (text == nullptr) return InvalidParameterValue(name, "the argument");
  return *text;
}

StatementResult<bool> IgnoresCase(const TableCall& call) {
  const sql::bound::Expression* const value = FindArgument(call, "IGNORE_CASE", 2);
  if (value == nullptr) return false;
  const auto* set = std::get_if<bool>(&value->constant);
  if (set == nullptr) return InvalidParameterValue("IGNORE_CASE", "the argument");
  return *set;
}

StatementResult<> CheckArguments(const TableCall& call) {
  constexpr std::array<std::string_view, 3> kKnown = {"LOCATION", "FILE_FORMAT", "IGNORE_CASE"};
  for (const sql::NamedArgument& argument : call.arguments) {
    if (argument.name.empty() || std::ranges::find(kKnown, argument.name) != kKnown.end()) continue;
    return UnsupportedFeature("INFER_SCHEMA with " + argument.name);
  }
  return {};
}

void Add(const StageFile& file, const ParquetColumn& column, std::vector<Inferred>& inferred) {
  const auto found = std::ranges::find(inferred, column.name, &Inferred::name);
  if (found == inferred.end()) {
    inferred.push_back({.name = column.name, .type = column.type, .files = file.path});
    return;
  }
  found->files += "," + file.path;
  // What differs between files fits into no narrower type.
  if (found->type != column.type) found->type = "VARIANT";
}

MadeRows RowsOf(const std::vector<Inferred>& inferred, bool ignore_case) {
  const sql::DataType text{.kind = sql::DataTypeKind::kVarchar,
                           .length = sql::kVarcharLengthDefault};
  std::vector<std::vector<Value>> rows;
  for (const Inferred& column : inferred) {
    const std::string expression =
        ignore_case ? fmt::format("GET_IGNORE_CASE ($1, {})::{}", column.name, column.type)
                    : fmt::format("$1:{}::{}", column.name, column.type);
    rows.push_back({column.name, column.type, true, expression, column.files,
                    static_cast<int64_t>(rows.size())});
  }
  return MakeRows({{"COLUMN_NAME", text},
                   {"TYPE", text},
                   {"NULLABLE", {.kind = sql::DataTypeKind::kBoolean}},
                   {"EXPRESSION", text},
                   {"FILENAMES", text},
                   {"ORDER_ID", {.kind = sql::DataTypeKind::kNumber, .precision = 38}}},
                  rows);
}

StatementResult<MadeRows> Infer(const TableCall& call) {
  STATEMENT_TRY(CheckArguments(call));
  STATEMENT_ASSIGN(auto location, TextOf(call, "LOCATION", 0));
  STATEMENT_ASSIGN(const auto format_name, TextOf(call, "FILE_FORMAT", 1));
  STATEMENT_ASSIGN(const bool ignore_case, IgnoresCase(call));
  // NULL stands for a placeholder while a statement is described.
  if (location && location->empty()) return RowsOf({}, ignore_case);
  if (!location || !location->starts_with('@')) return MissingOption("LOCATION");
  if (!format_name) return MissingOption("FILE_FORMAT");
  const Snapshot& snapshot = *call.moment.snapshot;
  const table::TableContext& tables = *call.moment.tables;
  STATEMENT_ASSIGN(const OpenedStage stage,
                   OpenStage(snapshot, call.caller, location->substr(1), StageUse::kRead,
                             call.moment.stages_location));
  STATEMENT_ASSIGN(const FileFormat format, FormatNamed(snapshot, call.caller, *format_name));
  if (format.type != "PARQUET") {
    return UnsupportedFeature("INFER_SCHEMA of files of type " + format.type);
  }
  STATEMENT_ASSIGN(const auto files, ListFiles(*tables.storage, stage.area, stage.path));
  std::vector<Inferred> inferred;
  for (const StageFile& file : files) {
    STATEMENT_ASSIGN(auto columns, ColumnsOfParquet(tables, stage.area, file, format));
    for (ParquetColumn& column : columns) {
      if (ignore_case) column.name = sql::syntax::UpperCase(column.name);
      Add(file, column, inferred);
    }
  }
  return RowsOf(inferred, ignore_case);
}

constexpr std::array kFunctions = {TableFunction{"INFER_SCHEMA", Infer}};

}  // namespace

std::span<const TableFunction> StageTableFunctions() { return kFunctions; }

}  // namespace tarn::warehouse
