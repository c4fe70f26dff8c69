// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/user_functions.h"

#include <utility>

#include "warehouse/catalogue/names.h"
#include "warehouse/objects/database.h"

namespace tarn::warehouse {
namespace {

std::vector<ObjectName> Searched(const Caller& caller, const ObjectName& name) {
  if (name.schema || name.database) return {name};
  std::vector<ObjectName> names;
  if (caller.database.empty()) return names;
  if (!caller.schema.empty()) names.push_back(name);
  if (caller.schema != kPublicSchema) {
    names.push_back({.database = std::nullopt, .schema = kPublicSchema, .name = name.name});
  }
  return names;
}

}  // namespace

StatementResult<std::vector<CallableFunction>> CallableFunctions(const Snapshot& snapshot,
                                                                 const Caller& caller,
                                                                 const ObjectName& name) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  std::vector<CallableFunction> callable;
  int32_t place = 0;
  for (const ObjectName& each : Searched(caller, name)) {
    ++place;
    // To the caller, who may know of no such schema, there is no such function.
    const auto container =
        ResolveContainer(snapshot, caller, authority, ObjectKind::kFunction, each, "CALL");
    if (!container) continue;
    STATEMENT_ASSIGN(auto overloads,
                     snapshot.Objects<Function>("WHERE o.container_id = ? AND o.name = ? AND "
                                                "o.dropped_ms IS NULL ORDER BY o.id",
                                                *container, each.name));
    for (auto& overload : overloads) {
      STATEMENT_ASSIGN(const bool may, authority.Has(overload.head, kUsage));
      if (!may) continue;
      STATEMENT_ASSIGN(const auto schema, snapshot.FindHead(*container));
      if (!schema) continue;
      STATEMENT_ASSIGN(const auto database, snapshot.FindHead(schema->container));
      if (!database) continue;
      callable.push_back({.object = std::move(overload),
                          .schema = *schema,
                          .database = *database,
                          .place = place});
    }
  }
  return callable;
}

sql::NamedFunction AsNamed(const Function& function) {
  sql::NamedFunction named{.returns = function.returns,
                           .body = function.body,
                           .strict = function.strict,
                           .immutable = function.immutable};
  for (const Argument& argument : function.arguments) {
    named.parameters.push_back(
        {.name = argument.name, .type = argument.type, .default_sql = argument.default_sql});
  }
  if (!function.returns_table) return named;
  named.returns_table.emplace();
  for (const Column& column : *function.returns_table) {
    named.returns_table->emplace_back(column.name, column.type);
  }
  return named;
}

sql::NamedFunction AsNamed(const CallableFunction& callable, std::shared_ptr<sql::Names> names) {
  sql::NamedFunction named = AsNamed(callable.object.value);
  named.id = callable.object.head.id.value();
  named.place = callable.place;
  named.database = callable.database.name;
  named.schema = callable.schema.name;
  named.name = callable.object.head.name;
  named.names = std::move(names);
  return named;
}

}  // namespace tarn::warehouse
