// SPDX-License-Identifier: Apache-2.0
// Data types as written: NUMBER(38,0), VARCHAR(10) COLLATE 'en', ARRAY(INT NOT NULL), OBJECT(a
// INT), MAP(a, b).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/syntax/name.h"

namespace tarn::sql::syntax {

struct TypeField;

struct DataType {
  Span span;
  ObjectName name;  ///< a built-in type is one part, `DOUBLE PRECISION` one with a blank
  std::vector<std::string> arguments;  ///< numbers (and words) in parentheses, as written
  std::vector<TypeField>
      fields;  ///< of ARRAY, MAP, VECTOR and OBJECT; the names of the first three are absent
  std::string suffix;       ///< WITH TIME ZONE, YEAR TO MONTH, …; upper case, may be empty
  bool structured = false;  ///< written with fields, which OBJECT() may have none of
  bool not_null = false;    ///< inside of a structured type

  TARN_SYNTAX_NODE(DataType, name, arguments, fields, suffix, structured, not_null)
};

struct TypeField {
  std::optional<Identifier> name;
  DataType type;

  TARN_SYNTAX_NODE(TypeField, name, type)
};

}  // namespace tarn::sql::syntax
