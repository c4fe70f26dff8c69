// SPDX-License-Identifier: Apache-2.0
// Properties and parameters of objects: `KEY = value` in the order written. The grammar takes any
// key; whoever executes the statement knows which keys an object has and what values they take.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/syntax/expression.h"

namespace tarn::sql::syntax {

struct OptionValueNode;
using OptionValue = Box<OptionValueNode>;
extern template class Box<OptionValueNode>;

struct Option {
  Span span;
  std::string key;                   ///< upper case, words separated by one blank: COPY GRANTS
  std::optional<OptionValue> value;  ///< absent: the words alone, as in COPY GRANTS
  TARN_SYNTAX_NODE(Option, key, value)
};

/// `('a', 'b')`, `()`, `((NAME = 'x' …), (…))`.
struct OptionList {
  std::vector<OptionValue> values;
  TARN_SYNTAX_NODE(OptionList, values)
};

/// `(ENABLE = TRUE AUTO_REFRESH = FALSE)`.
struct OptionGroup {
  std::vector<Option> options;
  TARN_SYNTAX_NODE(OptionGroup, options)
};

struct TagAssignment {
  ObjectName name;
  Expression value;
  TARN_SYNTAX_NODE(TagAssignment, name, value)
};

/// The value of the key TAG.
struct OptionTags {
  std::vector<TagAssignment> tags;
  TARN_SYNTAX_NODE(OptionTags, tags)
};

/// A string, number, TRUE/FALSE/NULL or variable is an Expression; a word is a name: POSTGRES,
/// compute_wh, a.b.c.
struct OptionValueNode {
  Span span;
  std::variant<Expression, ObjectName, OptionList, OptionGroup, OptionTags> value;
};

}  // namespace tarn::sql::syntax
