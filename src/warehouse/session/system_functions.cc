// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/system_functions.h"

#include <algorithm>
#include <array>

#include "sql/bind/coercion.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {

const SystemFunction* FindSystemFunction(std::string_view name) {
  for (const auto functions : {ContextFunctions(), DefinitionFunctions(), LakeFunctions(),
                               ResultFunctions(), StreamFunctions(), TaskFunctions()}) {
    const auto found = std::ranges::find(functions, name, &SystemFunction::name);
    if (found != functions.end()) return &*found;
  }
  return nullptr;
}

StatementResult<std::string> TextArgument(const SystemCall& call, size_t i) {
  const sql::bound::Expression& argument = call.arguments.at(i);
  if (const auto* text = std::get_if<std::string>(&argument.constant);
      text != nullptr && argument.kind == sql::bound::ExpressionKind::kConstant) {
    return *text;
  }
  return CompilationError(
      "001015", "22023",
      fmt::format("argument {} to function {} needs to be constant, and a text", i + 1, call.name));
}

sql::bound::Expression BooleanConstant(bool value) {
  return sql::Constant(value, {.kind = sql::DataTypeKind::kBoolean},
                       Type::Primitive(TypeKind::kBoolean));
}

}  // namespace tarn::warehouse
