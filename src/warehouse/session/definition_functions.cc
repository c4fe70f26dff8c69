// SPDX-License-Identifier: Apache-2.0
// GET_DDL.
#include <array>

#include "sql/bind/coercion.h"
#include "sql/bind/data_type_name.h"
#include "sql/syntax/parser.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/objects/routine.h"
#include "warehouse/session/failures.h"
#include "warehouse/session/system_functions.h"
#include "warehouse/show/definition_text.h"

namespace tarn::warehouse {
namespace {

/// 'multiply(number, number)': the name with its signature.
StatementResult<ObjectName> RoutineName(const std::string& written) {
  const auto parsed = sql::syntax::ParseStatement("DROP FUNCTION " + written);
  const auto* const drop = parsed ? std::get_if<sql::syntax::DropObject>(&parsed->value) : nullptr;
  if (drop == nullptr || !drop->has_signature || drop->name.dynamic || !drop->behaviour.empty()) {
    return DoesNotExist(ObjectKind::kFunction, written);
  }
  std::vector<std::string> parts;
  for (const auto& part : drop->name.parts) parts.push_back(part.Canonical());
  if (parts.size() > 3) return DoesNotExist(ObjectKind::kFunction, written);
  ObjectName name = ObjectNameOf(parts);
  std::vector<Argument> arguments;
  for (const auto& type : drop->signature) {
    auto resolved = sql::ResolveDataType(type);
    if (!resolved) return std::unexpected(FromSql(std::move(resolved).error()));
    arguments.push_back({.name = {}, .type = *std::move(resolved), .default_sql = {}});
  }
  name.signature = SignatureOf(arguments);
  return name;
}

StatementResult<ObjectName> DescribedName(const std::string& type, const std::string& written) {
  if (sql::syntax::UpperCase(type) == "FUNCTION") return RoutineName(written);
  auto name = ParseObjectName(written);
  if (!name) return DoesNotExist(ObjectKind::kTable, written);
  return *std::move(name);
}

StatementResult<sql::bound::Expression> GetDdl(const SystemCall& call) {
  STATEMENT_ASSIGN(const std::string type, TextArgument(call, 0));
  STATEMENT_ASSIGN(const std::string written, TextArgument(call, 1));
  STATEMENT_ASSIGN(const ObjectName name, DescribedName(type, written));
  bool qualified = false;
  if (call.arguments.size() > 2) {
    const auto* const truth = std::get_if<bool>(&call.arguments[2].constant);
    if (truth == nullptr) return InvalidParameterValue("GET_DDL", "the third argument");
    qualified = *truth;
  }
  STATEMENT_ASSIGN(std::string text,
                   DefinitionText(*call.moment.snapshot, call.caller, type, name, qualified));
  return sql::TextConstant(std::move(text));
}

constexpr std::array kFunctions = {SystemFunction{"GET_DDL", 2, 3, GetDdl}};

}  // namespace

std::span<const SystemFunction> DefinitionFunctions() { return kFunctions; }

}  // namespace tarn::warehouse
