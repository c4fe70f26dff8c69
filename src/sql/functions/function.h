// SPDX-License-Identifier: Apache-2.0
// The functions that SQL text may call: one entry each, from which calls are bound and printed,
// docs/use/sql.md is made, and a test is run.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sql/bound/expression.h"

namespace tarn::sql {

enum class FunctionCategory : uint8_t {
  kAggregate,
  kWindow,
  kConditional,
  kBitwise,
  kNumeric,
  kConversion,
  kTemporal,
  kContext,
  kText,
  kRegex,
  kSemistructured,
  kGeneration,
};

std::string_view ToString(FunctionCategory category);

/// What the session says to functions.
struct FunctionContext {
  std::string_view name;  ///< as called, upper case
  /// Microseconds since the epoch: the statement's time, the same for all of it.
  int64_t now = 0;
  std::string user, role, warehouse, database, schema, account, region, version, session;
  int32_t json_indent = 2;  ///< JSON_INDENT
};

/// Arguments are bound already. Throws BindFailure.
using FunctionBinder = bound::Expression (*)(const FunctionContext& context,
                                             std::vector<bound::Expression> arguments);

struct Function {
  std::string_view names;  ///< upper case, synonyms separated by blanks; the first is the name
  FunctionCategory category = FunctionCategory::kText;
  bound::CallKind kind = bound::CallKind::kScalar;
  /// One letter for each argument, `?` behind one that may be missing, `*` behind one that may
  /// come any number of times:
  ///   s VARCHAR · n NUMBER, as it is · i whole number · f FLOAT · N NUMBER or FLOAT · b BOOLEAN
  ///   d DATE · t TIMESTAMP_NTZ · T DATE or timestamp · m TIME · B BINARY · x anything
  ///   v VARIANT, or anything as one · A ARRAY · O OBJECT · V VARIANT, OBJECT or ARRAY
  ///   a anything, all `a` of one type
  std::string_view parameters;
  /// A letter of s f b d t i B v A O, `I` NUMBER(38,0), a digit: type of that argument, `a`: the
  /// common type.
  std::string_view result;
  /// How it is printed (bound/expression.h). A `{1|text}` prints the text where the argument is
  /// missing.
  std::string_view pattern;
  /// In place of the last three.
  FunctionBinder bind = nullptr;
  int8_t arguments_min = 0, arguments_max = 0;  ///< of `bind`; max −1: any number
  /// An expression, and what it gives, as text.
  std::string_view example;
  std::string_view answer;
  bool is_volatile = false;
};

/// All functions of a category, in the order of the documentation.
std::span<const Function> FunctionsOf(FunctionCategory category);

/// Binds a call by the best of the entries of that name. Throws BindFailure: 002140 for a name that
/// there is not, 000938 and 000939 for too few and too many arguments, 001044 for their types.
bound::Expression BindFunction(const FunctionContext& context,
                               std::vector<bound::Expression> arguments);
/// Of the entries of that name; kScalar if there is none.
std::optional<bound::CallKind> KindOfFunction(std::string_view name);

// --- Operators, which have no entries ---

bound::Expression Add(bound::Expression left, bound::Expression right);
bound::Expression Subtract(bound::Expression left, bound::Expression right);
bound::Expression Multiply(bound::Expression left, bound::Expression right);
bound::Expression Divide(bound::Expression left, bound::Expression right);
bound::Expression Modulo(bound::Expression left, bound::Expression right);
bound::Expression Negate(bound::Expression operand);
bound::Expression Concatenate(bound::Expression left, bound::Expression right);
/// `op` as DuckDB writes it: =, <>, <, <=, >, >=, IS DISTINCT FROM, IS NOT DISTINCT FROM.
bound::Expression Compare(std::string_view op, bound::Expression left, bound::Expression right);
bound::Expression And(std::vector<bound::Expression> operands);
bound::Expression Or(std::vector<bound::Expression> operands);
bound::Expression Not(bound::Expression operand);
/// `operands`: condition, value, …, else value.
bound::Expression CaseWhen(std::vector<bound::Expression> conditions,
                           std::vector<bound::Expression> values);
/// `unit` in any of the spellings of date parts; nothing if it is none of them.
std::optional<std::string_view> DatePart(std::string_view unit);
/// DATEADD: keeps DATE for parts of a day and more.
bound::Expression AddToDate(std::string_view part, bound::Expression amount,
                            bound::Expression date);

}  // namespace tarn::sql
