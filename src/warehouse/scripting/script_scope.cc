// SPDX-License-Identifier: Apache-2.0
#include "warehouse/scripting/script_scope.h"

namespace tarn::warehouse {

ScriptSlot* ScriptScopes::Find(const std::string& name) {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    const auto found = scope->find(name);
    if (found != scope->end()) return &found->second;
  }
  return nullptr;
}

NamedValues ScriptScopes::Values() const {
  NamedValues values;
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    for (const auto& [name, slot] : *scope) {
      if (const auto* variable = std::get_if<ScriptVariable>(&slot)) {
        values.emplace_back(name, variable->value);
      } else if (const auto* row = std::get_if<ScriptRow>(&slot)) {
        for (const auto& [field, value] : row->fields)
          values.emplace_back(name + "." + field, value);
      }
    }
  }
  return values;
}

}  // namespace tarn::warehouse
