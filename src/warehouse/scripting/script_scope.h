// SPDX-License-Identifier: Apache-2.0
// Names that a block knows, and what they hold.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/syntax/statement.h"
#include "warehouse/session/nested_statements.h"
#include "warehouse/session/stored_result.h"

namespace tarn::warehouse {

struct ScriptVariable {
  std::optional<sql::DataType> type;  ///< absent: that of its first value
  sql::bound::Expression value;
};

/// A row of FOR … IN.
struct ScriptRow {
  NamedValues fields;  ///< by canonical column names
};

struct ScriptResultSet {
  std::shared_ptr<const StoredResult> result;  ///< null: nothing assigned yet
};

struct ScriptCursor {
  std::optional<std::string> result_set;  ///< that it is for, or
  const sql::syntax::Statement* query = nullptr;
  std::shared_ptr<const StoredResult> result;  ///< null: not open
  int64_t next_row = 0;
};

struct ScriptException {
  std::string code = "-20000";
  std::string message;
};

using ScriptSlot =
    std::variant<ScriptVariable, ScriptRow, ScriptResultSet, ScriptCursor, ScriptException>;

/// Blocks within blocks, the innermost last. A plain value.
class ScriptScopes {
 public:
  void Push() { scopes_.emplace_back(); }
  void Pop() { scopes_.pop_back(); }
  /// In the innermost; one of the name there is replaced.
  ScriptSlot& Declare(const std::string& name, ScriptSlot slot) {
    return scopes_.back()[name] = std::move(slot);
  }
  bool IsDeclaredHere(const std::string& name) const { return scopes_.back().contains(name); }
  /// The innermost of the name; null: none.
  ScriptSlot* Find(const std::string& name);
  template <typename T>
  T* FindAs(const std::string& name) {
    ScriptSlot* const slot = Find(name);
    return slot == nullptr ? nullptr : std::get_if<T>(slot);
  }
  /// All variables and fields of rows, innermost first.
  NamedValues Values() const;

 private:
  std::vector<std::map<std::string, ScriptSlot>> scopes_;
};

}  // namespace tarn::warehouse
