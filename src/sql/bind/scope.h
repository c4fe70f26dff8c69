// SPDX-License-Identifier: Apache-2.0
// Which names a place in a query sees.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sql/bound/query.h"
#include "sql/syntax/expression.h"

namespace tarn::sql {

struct ScopeColumn {
  std::string name;
  bound::Expression value;
  int32_t table = -1;  ///< of the statement, and its column, if it is one
  int32_t table_column = -1;
};

/// One thing of a FROM, known by its alias, or by its whole name.
struct ScopeItem {
  std::vector<std::string> qualifier;  ///< database, schema, name, or the alias alone
  std::vector<ScopeColumn> columns;
  int32_t table_relation = -1;  ///< if it is a table: its relation
};

/// What a FROM gives: its items, and the columns as `*` and bare names see them (keys of USING are
/// one column).
struct FromScope {
  std::vector<ScopeItem> items;
  std::vector<ScopeColumn> visible;
};

/// A SELECT, or a clause of it, and what is around it.
struct Scope {
  const Scope* outer = nullptr;
  FromScope from;
  /// Bound items of the list by their aliases, as far as they are; a name of two is ambiguous.
  std::map<std::string, std::vector<bound::Expression>> aliases;
  /// Parameters of lambdas and the like.
  std::map<std::string, bound::Expression> variables;
};

struct CommonTableScope {
  const CommonTableScope* outer = nullptr;
  std::string name;
  int32_t id = 0;
  bool* referenced = nullptr;  ///< set when the name is used, to find recursion
  std::vector<bound::OutputColumn> columns;
};

}  // namespace tarn::sql
