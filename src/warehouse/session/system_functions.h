// SPDX-License-Identifier: Apache-2.0
// Functions whose value a statement's moment gives when it is bound: SYSTEM$…, and context
// functions that ask the metastore. Each area has a source with its own.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sql/bound/expression.h"
#include "warehouse/catalogue/caller.h"
#include "warehouse/session/query_names.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// One call. Arguments are bound, and mostly constants.
struct SystemCall {
  std::string_view name;
  const NamingMoment& moment;
  const Caller& caller;
  const std::vector<sql::bound::Expression>& arguments;
};

struct SystemFunction {
  std::string_view name;
  size_t arguments_min = 0;
  size_t arguments_max = 0;
  /// A constant.
  StatementResult<sql::bound::Expression> (*compute)(const SystemCall& call) = nullptr;
};

// session/context_functions.cc
std::span<const SystemFunction> ContextFunctions();
// session/definition_functions.cc
std::span<const SystemFunction> DefinitionFunctions();
// session/lake_functions.cc
std::span<const SystemFunction> LakeFunctions();
// session/result_functions.cc
std::span<const SystemFunction> ResultFunctions();
// session/stream_functions.cc
std::span<const SystemFunction> StreamFunctions();
// session/task_functions.cc
std::span<const SystemFunction> TaskFunctions();

/// By its upper-case name; null: there is none.
const SystemFunction* FindSystemFunction(std::string_view name);

/// The i-th argument, which must be a constant text: 001015 (22023) otherwise.
StatementResult<std::string> TextArgument(const SystemCall& call, size_t i);

sql::bound::Expression BooleanConstant(bool value);

}  // namespace tarn::warehouse
