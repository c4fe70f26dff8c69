// SPDX-License-Identifier: Apache-2.0
// Names of objects, columns and variables.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/syntax/box.h"
#include "sql/syntax/node.h"
#include "sql/syntax/source.h"

namespace tarn::sql::syntax {

struct ExpressionNode;
using Expression = Box<ExpressionNode>;
extern template class Box<ExpressionNode>;

/// One part of a name. `text` is as written, without its quotes.
struct Identifier {
  Span span;
  std::string text;
  bool quoted = false;

  /// What the name denotes: quoted names as they are, others in upper case. (The session's
  /// parameter QUOTED_IDENTIFIERS_IGNORE_CASE is the binder's.)
  std::string Canonical() const;
  /// Whether an unquoted or quoted name denotes this upper-case word.
  bool Is(std::string_view upper) const;
};

/// `t`, `db.schema.t`, `db..t` (its second part is empty: the schema PUBLIC), or IDENTIFIER(…),
/// whose expression gives the name when the statement runs.
struct ObjectName {
  Span span;
  std::vector<Identifier> parts;      ///< empty if and only if `dynamic` is set
  std::optional<Expression> dynamic;  ///< a string, a variable or a bind

  TARN_SYNTAX_NODE(ObjectName, parts, dynamic)
};

/// Upper case of ASCII letters; other bytes stay.
std::string UpperCase(std::string_view text);

/// Whether the text could stand without quotes and denote itself: A-Z, 0-9, _ and $, no digit
/// first, no reserved word.
bool IsPlainName(std::string_view text);

}  // namespace tarn::sql::syntax
