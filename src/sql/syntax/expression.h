// SPDX-License-Identifier: Apache-2.0
// Expressions as written: nothing is resolved, folded or typed here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/syntax/data_type.h"
#include "sql/syntax/name.h"

namespace tarn::sql::syntax {

struct Query;
struct WindowSpecification;
extern template class Box<Query>;
extern template class Box<WindowSpecification>;

// --- Leaves
// -------------------------------------------------------------------------------------------------

enum class LiteralKind : uint8_t { kNull, kTrue, kFalse, kNumber, kString, kBinary };

/// A constant. Numbers are kept as written (their digits are their type), strings without quotes
/// and escapes, binary values as their hexadecimal digits.
struct Literal {
  LiteralKind kind = LiteralKind::kNull;
  std::string text;
  TARN_SYNTAX_NODE(Literal, kind, text)
};

/// DATE '…', TIME '…', TIMESTAMP[_NTZ|_LTZ|_TZ] '…'.
struct TypedLiteral {
  std::string type;  ///< upper case
  std::string text;
  TARN_SYNTAX_NODE(TypedLiteral, type, text)
};

/// INTERVAL '1 year, 2 days', or INTERVAL '1-2' YEAR TO MONTH with a qualifier.
struct IntervalLiteral {
  std::string text;
  std::string qualifier;  ///< upper case, may be empty
  TARN_SYNTAX_NODE(IntervalLiteral, text, qualifier)
};

/// A column, an alias, a variable of a block, a field of a row: what it is the binder decides.
struct ColumnReference {
  ObjectName name;
  TARN_SYNTAX_NODE(ColumnReference, name)
};

/// `$1`, `t.$1`: a column by its place in the FROM item.
struct PositionalColumn {
  std::vector<Identifier> qualifier;
  std::string number;
  TARN_SYNTAX_NODE(PositionalColumn, qualifier, number)
};

/// `$name`, a variable of the session.
struct SessionVariable {
  Identifier name;
  TARN_SYNTAX_NODE(SessionVariable, name)
};

/// `?`, `:1`, `:name`.
struct BindVariable {
  std::string number;            ///< of `:1`
  std::vector<Identifier> name;  ///< of `:name`, `:row.column`; `?` has neither
  TARN_SYNTAX_NODE(BindVariable, number, name)
};

/// `@stage/path`, `@%table`, `@~/path`: text after the `@`, as written, quoted parts included.
struct StageReference {
  std::string location;
  bool quoted = false;  ///< written as a string: '@stage/a path'
  TARN_SYNTAX_NODE(StageReference, location, quoted)
};

/// DEFAULT in the VALUES of an INSERT or the SET of an UPDATE.
struct DefaultValue {
  TARN_SYNTAX_NODE(DefaultValue)
};

// --- Operators
// ----------------------------------------------------------------------------------------------

enum class UnaryOperator : uint8_t { kNegate, kPlus, kNot, kPrior, kConnectByRoot, kSpread };

struct Unary {
  UnaryOperator op = UnaryOperator::kNot;
  Expression operand;
  TARN_SYNTAX_NODE(Unary, op, operand)
};

enum class BinaryOperator : uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kConcatenate,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
};

struct Binary {
  BinaryOperator op = BinaryOperator::kAdd;
  Expression left;
  Expression right;
  TARN_SYNTAX_NODE(Binary, op, left, right)
};

enum class LogicalOperator : uint8_t { kAnd, kOr };

/// A whole chain, so that generated conditions of thousands of terms are flat.
struct Logical {
  LogicalOperator op = LogicalOperator::kAnd;
  std::vector<Expression> operands;  ///< two or more
  TARN_SYNTAX_NODE(Logical, op, operands)
};

enum class Truth : uint8_t { kNull, kTrue, kFalse };

struct IsTest {
  Expression operand;
  Truth truth = Truth::kNull;
  bool negated = false;
  TARN_SYNTAX_NODE(IsTest, operand, truth, negated)
};

struct DistinctFrom {
  Expression left;
  Expression right;
  bool negated = false;  ///< IS NOT DISTINCT FROM
  TARN_SYNTAX_NODE(DistinctFrom, left, right, negated)
};

enum class PatternKind : uint8_t { kLike, kIlike, kRlike };
enum class Quantifier : uint8_t { kNone, kAny, kAll };

struct PatternMatch {
  PatternKind kind = PatternKind::kLike;
  Quantifier quantifier = Quantifier::kNone;
  bool negated = false;
  Expression operand;
  std::vector<Expression> patterns;  ///< one without a quantifier
  std::optional<Expression> escape;
  TARN_SYNTAX_NODE(PatternMatch, kind, quantifier, negated, operand, patterns, escape)
};

struct Between {
  Expression operand;
  Expression low;
  Expression high;
  bool negated = false;
  TARN_SYNTAX_NODE(Between, operand, low, high, negated)
};

struct InList {
  Expression operand;
  std::vector<Expression> values;
  bool negated = false;
  TARN_SYNTAX_NODE(InList, operand, values, negated)
};

struct InQuery {
  Expression operand;
  Box<Query> query;
  bool negated = false;
  TARN_SYNTAX_NODE(InQuery, operand, query, negated)
};

/// `a = ANY (query)`; SOME is ANY.
struct QuantifiedComparison {
  BinaryOperator op = BinaryOperator::kEqual;
  Quantifier quantifier = Quantifier::kAny;
  Expression operand;
  Box<Query> query;
  TARN_SYNTAX_NODE(QuantifiedComparison, op, quantifier, operand, query)
};

// --- Conversions and paths
// ----------------------------------------------------------------------------------

struct Cast {
  Expression operand;
  DataType type;
  bool try_cast = false;
  std::string modifiers;  ///< RENAME FIELDS, ADD FIELDS; upper case, may be empty
  TARN_SYNTAX_NODE(Cast, operand, type, try_cast, modifiers)
};

struct Collate {
  Expression operand;
  std::string collation;
  TARN_SYNTAX_NODE(Collate, operand, collation)
};

/// EXTRACT(part FROM e).
struct Extract {
  std::string part;  ///< lower case
  Expression operand;
  TARN_SYNTAX_NODE(Extract, part, operand)
};

/// `:name`, `.name` or `[index]`. Names are keys of objects: their case counts, quoted or not.
struct PathStep {
  Span span;
  std::string key;
  std::optional<Expression> index;  ///< if set, `key` is empty
  TARN_SYNTAX_NODE(PathStep, key, index)
};

struct Path {
  Expression base;
  std::vector<PathStep> steps;  ///< one or more
  TARN_SYNTAX_NODE(Path, base, steps)
};

/// `b.y(+)` in a WHERE: the side that may be missing.
struct OuterMark {
  Expression column;
  TARN_SYNTAX_NODE(OuterMark, column)
};

// --- Composites
// ---------------------------------------------------------------------------------------------

struct CaseBranch {
  Expression when;
  Expression then;
  TARN_SYNTAX_NODE(CaseBranch, when, then)
};

struct Case {
  std::optional<Expression> operand;
  std::vector<CaseBranch> branches;
  std::optional<Expression> otherwise;
  TARN_SYNTAX_NODE(Case, operand, branches, otherwise)
};

/// `(a, b)`.
struct Row {
  std::vector<Expression> elements;  ///< none, or two and more
  TARN_SYNTAX_NODE(Row, elements)
};

struct ArrayConstant {
  std::vector<Expression> elements;
  TARN_SYNTAX_NODE(ArrayConstant, elements)
};

/// `'k': v`, or an element without a key: `{*}`, `{t.* EXCLUDE c}`, `{** o}`.
struct ObjectEntry {
  std::optional<Expression> key;
  Expression value;
  TARN_SYNTAX_NODE(ObjectEntry, key, value)
};

struct ObjectConstant {
  std::vector<ObjectEntry> entries;
  TARN_SYNTAX_NODE(ObjectConstant, entries)
};

struct StarReplacement {
  Expression value;
  Identifier name;
  TARN_SYNTAX_NODE(StarReplacement, value, name)
};

struct StarRename {
  Identifier from;
  Identifier to;
  TARN_SYNTAX_NODE(StarRename, from, to)
};

/// `*`, `t.*` and what changes it.
struct Star {
  std::vector<Identifier> qualifier;
  std::optional<std::string> ilike;
  std::vector<Identifier> exclude;
  std::vector<StarReplacement> replace;
  std::vector<StarRename> rename;
  TARN_SYNTAX_NODE(Star, qualifier, ilike, exclude, replace, rename)
};

struct LambdaParameter {
  Identifier name;
  std::optional<DataType> type;
  TARN_SYNTAX_NODE(LambdaParameter, name, type)
};

struct Lambda {
  std::vector<LambdaParameter> parameters;
  Expression body;
  TARN_SYNTAX_NODE(Lambda, parameters, body)
};

struct ScalarSubquery {
  Box<Query> query;
  TARN_SYNTAX_NODE(ScalarSubquery, query)
};

struct Exists {
  Box<Query> query;
  TARN_SYNTAX_NODE(Exists, query)
};

/// TABLE(…) as an argument or in RETURN: a result set, a table's name, a query or a call.
struct TableArgument {
  Expression value;
  TARN_SYNTAX_NODE(TableArgument, value)
};

// --- Calls
// --------------------------------------------------------------------------------------------------

enum class NullOrder : uint8_t { kDefault, kFirst, kLast };

struct OrderItem {
  Expression value;
  bool descending = false;
  NullOrder nulls = NullOrder::kDefault;
  TARN_SYNTAX_NODE(OrderItem, value, descending, nulls)
};

enum class NullTreatment : uint8_t { kDefault, kIgnore, kRespect };

struct Argument {
  std::optional<Identifier> name;  ///< `name => value`
  Expression value;
  TARN_SYNTAX_NODE(Argument, name, value)
};

struct FunctionCall {
  ObjectName name;
  std::optional<Identifier> method;  ///< `name!method(…)`
  std::vector<Argument> arguments;
  std::vector<OrderItem> within_group;
  std::optional<Box<WindowSpecification>> over;
  NullTreatment nulls = NullTreatment::kDefault;
  bool distinct = false;
  bool from_last = false;  ///< NTH_VALUE(…) FROM LAST
  bool bare = false;       ///< CURRENT_DATE and its like, without parentheses
  TARN_SYNTAX_NODE(FunctionCall, name, method, arguments, within_group, over, nulls, distinct,
                   from_last, bare)
};

enum class FrameUnit : uint8_t { kRows, kRange };
enum class FrameBound : uint8_t {
  kUnboundedPreceding,
  kPreceding,
  kCurrentRow,
  kFollowing,
  kUnboundedFollowing,
};

struct FrameEdge {
  FrameBound bound = FrameBound::kCurrentRow;
  std::optional<Expression> offset;  ///< of kPreceding and kFollowing
  TARN_SYNTAX_NODE(FrameEdge, bound, offset)
};

struct WindowFrame {
  FrameUnit unit = FrameUnit::kRows;
  FrameEdge start;
  std::optional<FrameEdge> end;  ///< with BETWEEN
  TARN_SYNTAX_NODE(WindowFrame, unit, start, end)
};

/// OVER w, or OVER (w PARTITION BY … ORDER BY … frame).
struct WindowSpecification {
  std::optional<Identifier> base;
  bool name_only = false;  ///< OVER w; then nothing but `base` is set
  std::vector<Expression> partition_by;
  std::vector<OrderItem> order_by;
  std::optional<WindowFrame> frame;
  TARN_SYNTAX_NODE(WindowSpecification, base, name_only, partition_by, order_by, frame)
};

using ExpressionValue =
    std::variant<Literal, TypedLiteral, IntervalLiteral, ColumnReference, PositionalColumn,
                 SessionVariable, BindVariable, StageReference, DefaultValue, Unary, Binary,
                 Logical, IsTest, DistinctFrom, PatternMatch, Between, InList, InQuery,
                 QuantifiedComparison, Cast, Collate, Extract, Path, OuterMark, Case, Row,
                 ArrayConstant, ObjectConstant, Star, Lambda, ScalarSubquery, Exists, TableArgument,
                 Box<FunctionCall>>;

struct ExpressionNode {
  Span span;
  ExpressionValue value;
};

/// The node's alternative, or nullptr.
template <typename T>
const T* As(const Expression& expression) {
  return std::get_if<T>(&expression->value);
}

}  // namespace tarn::sql::syntax
