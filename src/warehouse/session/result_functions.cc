// SPDX-License-Identifier: Apache-2.0
// LAST_QUERY_ID and RESULT_SCAN.
#include <array>

#include "sql/bind/coercion.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/argument_values.h"
#include "warehouse/session/result_rows.h"
#include "warehouse/session/statement_log.h"
#include "warehouse/session/system_functions.h"
#include "warehouse/session/table_functions.h"

namespace tarn::warehouse {
namespace {

using sql::bound::Expression;

constexpr int64_t kLatest = -1;

StatementResult<Expression> LastQueryId(const SystemCall& call) {
  int64_t place = kLatest;
  if (!call.arguments.empty()) {
    const auto written = IntegerConstant(call.arguments[0]);
    if (!written) return InvalidParameterValue("LAST_QUERY_ID", "the argument");
    place = *written;
  }
  const auto id = call.moment.session->log->IdAt(place);
  if (!id) return sql::Constant({}, sql::VarcharType(), sql::CarrierOf(sql::VarcharType()));
  return sql::TextConstant(id->ToString());
}

StatementResult<std::string> ScannedId(const TableCall& call) {
  const Expression* const argument = FindArgument(call, "QUERY_ID", 0);
  if (argument != nullptr) {
    if (const auto* text = std::get_if<std::string>(&argument->constant)) return *text;
  }
  const std::optional<int64_t> place =
      argument == nullptr ? std::optional(kLatest) : IntegerConstant(*argument);
  if (!place) return InvalidParameterValue("RESULT_SCAN", "the argument");
  const auto id = call.moment.session->log->IdAt(*place);
  if (!id)
    return CompilationError("000709", "02000", fmt::format("Statement {} not found", *place));
  return id->ToString();
}

StatementResult<MadeRows> ResultScan(const TableCall& call) {
  STATEMENT_ASSIGN(const std::string id, ScannedId(call));
  STATEMENT_ASSIGN(const auto stored, call.moment.session->log->ResultOf(id));
  return RowsOf(stored);
}

constexpr std::array kFunctions = {SystemFunction{"LAST_QUERY_ID", 0, 1, LastQueryId}};
constexpr std::array kTableFunctions = {TableFunction{"RESULT_SCAN", ResultScan}};

}  // namespace

std::span<const SystemFunction> ResultFunctions() { return kFunctions; }

std::span<const TableFunction> ResultTableFunctions() { return kTableFunctions; }

}  // namespace tarn::warehouse
