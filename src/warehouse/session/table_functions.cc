// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/table_functions.h"

#include <algorithm>

namespace tarn::warehouse {

const TableFunction* FindTableFunction(std::string_view name) {
  for (const auto functions :
       {HistoryTableFunctions(), ResultTableFunctions(), TaskTableFunctions(),
        StageTableFunctions(), DynamicTableFunctions()}) {
    const auto found = std::ranges::find(functions, name, &TableFunction::name);
    if (found != functions.end()) return &*found;
  }
  return nullptr;
}

const sql::bound::Expression* FindArgument(const TableCall& call, std::string_view name,
                                           size_t position) {
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    const sql::NamedArgument& argument = call.arguments[i];
    if (argument.name == name || (argument.name.empty() && i == position)) return &argument.value;
  }
  return nullptr;
}

}  // namespace tarn::warehouse
