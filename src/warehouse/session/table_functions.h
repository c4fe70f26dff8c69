// SPDX-License-Identifier: Apache-2.0
// TABLE(f(…)) of functions whose rows a statement's moment gives when it is bound. Each area has a
// source with its own.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "warehouse/catalogue/caller.h"
#include "warehouse/session/named_rows.h"
#include "warehouse/session/query_names.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// One call. `parts` end with the function's name; before it stand INFORMATION_SCHEMA, and a
/// database.
struct TableCall {
  const std::vector<std::string>& parts;
  const NamingMoment& moment;
  const Caller& caller;
  const std::vector<sql::NamedArgument>& arguments;
};

struct TableFunction {
  std::string_view name;
  StatementResult<MadeRows> (*compute)(const TableCall& call) = nullptr;
};

// session/history_tables.cc
std::span<const TableFunction> HistoryTableFunctions();
// session/result_functions.cc
std::span<const TableFunction> ResultTableFunctions();
// session/task_tables.cc
std::span<const TableFunction> TaskTableFunctions();
// stages/infer_schema.cc
std::span<const TableFunction> StageTableFunctions();
// dynamic/refresh_history.cc
std::span<const TableFunction> DynamicTableFunctions();

/// By its upper-case name; null: there is none.
const TableFunction* FindTableFunction(std::string_view name);

/// The argument of the name, or the unnamed one at `position`; null: not written.
const sql::bound::Expression* FindArgument(const TableCall& call, std::string_view name,
                                           size_t position);

}  // namespace tarn::warehouse
