// SPDX-License-Identifier: Apache-2.0
#include "engine/filter_expression.h"

#include <duckdb/parser/expression/columnref_expression.hpp>
#include <duckdb/parser/expression/comparison_expression.hpp>
#include <duckdb/parser/expression/conjunction_expression.hpp>
#include <duckdb/parser/expression/constant_expression.hpp>
#include <duckdb/parser/expression/function_expression.hpp>
#include <duckdb/parser/expression/operator_expression.hpp>

#include <optional>
#include <utility>

#include "engine/duckdb_type.h"

namespace tarn::engine {

namespace {

using duckdb::ExpressionType;
using ExpressionPtr = duckdb::unique_ptr<duckdb::ParsedExpression>;

ExpressionPtr Column(const Filter& filter) {
  return duckdb::make_uniq<duckdb::ColumnRefExpression>(ColumnName(filter.field));
}

ExpressionPtr Constant(const Filter& filter, const Value& value) {
  return duckdb::make_uniq<duckdb::ConstantExpression>(ToDuckdbValue(filter.type, value));
}

ExpressionPtr Boolean(bool value) {
  return duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::BOOLEAN(value));
}

Result<ExpressionPtr> Comparison(const Filter& filter, ExpressionType type) {
  if (filter.values.size() != 1)
    return Fail(ErrorKind::kInvalidArgument, "comparison without one value");
  if (filter.type.is_nested())
    return Fail(ErrorKind::kUnsupported, "comparison of a nested column");
  return duckdb::make_uniq<duckdb::ComparisonExpression>(type, Column(filter),
                                                         Constant(filter, filter.values[0]));
}

Result<ExpressionPtr> Conjunction(const Filter& filter, ExpressionType type) {
  duckdb::vector<ExpressionPtr> children;
  for (const Filter& child : filter.children) {
    TARN_ASSIGN(ExpressionPtr expression, ToExpression(child));
    children.push_back(std::move(expression));
  }
  if (children.empty()) return Boolean(type == ExpressionType::CONJUNCTION_AND);
  if (children.size() == 1) return std::move(children[0]);
  return duckdb::make_uniq<duckdb::ConjunctionExpression>(type, std::move(children));
}

ExpressionPtr Operator(ExpressionType type, ExpressionPtr operand) {
  return duckdb::make_uniq<duckdb::OperatorExpression>(type, std::move(operand));
}

Result<ExpressionPtr> Membership(const Filter& filter) {
  if (filter.type.is_nested())
    return Fail(ErrorKind::kUnsupported, "membership of a nested column");
  if (filter.values.empty()) return Boolean(false);
  auto in = duckdb::make_uniq<duckdb::OperatorExpression>(ExpressionType::COMPARE_IN);
  in->children.push_back(Column(filter));
  for (const Value& value : filter.values) in->children.push_back(Constant(filter, value));
  return in;
}

/// The least string above all that start with `prefix`; none where finding it takes more than the
/// last byte.
std::optional<std::string> PrefixEnd(std::string prefix) {
  if (prefix.empty() || static_cast<unsigned char>(prefix.back()) >= 0x7f) return std::nullopt;
  ++prefix.back();
  return prefix;
}

/// The function decides; the comparisons beside it are what row-group statistics understand.
Result<ExpressionPtr> StartsWith(const Filter& filter) {
  if (filter.type.kind != TypeKind::kString || filter.values.size() != 1) {
    return Fail(ErrorKind::kUnsupported, "prefix of a column that is no string");
  }
  if (!std::holds_alternative<std::string>(filter.values[0])) return Constant(filter, {});
  const auto& prefix = std::get<std::string>(filter.values[0]);
  duckdb::vector<ExpressionPtr> arguments;
  arguments.push_back(Column(filter));
  arguments.push_back(Constant(filter, prefix));
  duckdb::vector<ExpressionPtr> children;
  children.push_back(duckdb::make_uniq<duckdb::ComparisonExpression>(
      ExpressionType::COMPARE_GREATERTHANOREQUALTO, Column(filter), Constant(filter, prefix)));
  if (const auto end = PrefixEnd(prefix)) {
    children.push_back(duckdb::make_uniq<duckdb::ComparisonExpression>(
        ExpressionType::COMPARE_LESSTHAN, Column(filter), Constant(filter, *end)));
  }
  children.push_back(
      duckdb::make_uniq<duckdb::FunctionExpression>("starts_with", std::move(arguments)));
  return duckdb::make_uniq<duckdb::ConjunctionExpression>(ExpressionType::CONJUNCTION_AND,
                                                          std::move(children));
}

}  // namespace

std::string ColumnName(FieldId id) { return fmt::format("f{}", id.value()); }

Result<ExpressionPtr> ToExpression(const Filter& filter) {
  switch (filter.op) {
    case FilterOp::kAnd:
      return Conjunction(filter, ExpressionType::CONJUNCTION_AND);
    case FilterOp::kOr:
      return Conjunction(filter, ExpressionType::CONJUNCTION_OR);
    case FilterOp::kNot: {
      if (filter.children.size() != 1)
        return Fail(ErrorKind::kInvalidArgument, "NOT without one operand");
      TARN_ASSIGN(ExpressionPtr operand, ToExpression(filter.children[0]));
      return Operator(ExpressionType::OPERATOR_NOT, std::move(operand));
    }
    case FilterOp::kIsNull:
      return Operator(ExpressionType::OPERATOR_IS_NULL, Column(filter));
    case FilterOp::kIsNotNull:
      return Operator(ExpressionType::OPERATOR_IS_NOT_NULL, Column(filter));
    case FilterOp::kEqual:
      return Comparison(filter, ExpressionType::COMPARE_EQUAL);
    case FilterOp::kNotEqual:
      return Comparison(filter, ExpressionType::COMPARE_NOTEQUAL);
    case FilterOp::kLess:
      return Comparison(filter, ExpressionType::COMPARE_LESSTHAN);
    case FilterOp::kLessOrEqual:
      return Comparison(filter, ExpressionType::COMPARE_LESSTHANOREQUALTO);
    case FilterOp::kGreater:
      return Comparison(filter, ExpressionType::COMPARE_GREATERTHAN);
    case FilterOp::kGreaterOrEqual:
      return Comparison(filter, ExpressionType::COMPARE_GREATERTHANOREQUALTO);
    case FilterOp::kIn:
      return Membership(filter);
    case FilterOp::kStartsWith:
      return StartsWith(filter);
  }
  return Fail(ErrorKind::kUnsupported, "filter operation {}", static_cast<int>(filter.op));
}

}  // namespace tarn::engine
