// SPDX-License-Identifier: Apache-2.0
// GET_DDL.
#include <array>

#include "sql/bind/coercion.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/system_functions.h"
#include "warehouse/show/definition_text.h"

namespace tarn::warehouse {
namespace {

StatementResult<sql::bound::Expression> GetDdl(const SystemCall& call) {
  STATEMENT_ASSIGN(const std::string type, TextArgument(call, 0));
  STATEMENT_ASSIGN(const std::string written, TextArgument(call, 1));
  const auto name = ParseObjectName(written);
  if (!name) return DoesNotExist(ObjectKind::kTable, written);
  bool qualified = false;
  if (call.arguments.size() > 2) {
    const auto* const truth = std::get_if<bool>(&call.arguments[2].constant);
    if (truth == nullptr) return InvalidParameterValue("GET_DDL", "the third argument");
    qualified = *truth;
  }
  STATEMENT_ASSIGN(std::string text,
                   DefinitionText(*call.moment.snapshot, call.caller, type, *name, qualified));
  return sql::TextConstant(std::move(text));
}

constexpr std::array kFunctions = {SystemFunction{"GET_DDL", 2, 3, GetDdl}};

}  // namespace

std::span<const SystemFunction> DefinitionFunctions() { return kFunctions; }

}  // namespace tarn::warehouse
