// SPDX-License-Identifier: Apache-2.0
// Comparisons of rows and with subqueries, LIKE, IN, CASE, intervals.
#include <algorithm>
#include <charconv>
#include <utility>

#include "sql/bind/binder.h"
#include "sql/bind/coercion.h"

namespace tarn::sql {

using bound::Expression;

namespace {

std::string_view ComparisonOf(syntax::BinaryOperator op) {
  switch (op) {
    case syntax::BinaryOperator::kEqual:
      return "=";
    case syntax::BinaryOperator::kNotEqual:
      return "<>";
    case syntax::BinaryOperator::kLess:
      return "<";
    case syntax::BinaryOperator::kLessEqual:
      return "<=";
    case syntax::BinaryOperator::kGreater:
      return ">";
    case syntax::BinaryOperator::kGreaterEqual:
      return ">=";
    default:
      return "";
  }
}

struct IntervalTerm {
  std::string part;
  int64_t amount = 0;
};

/// '1 year, 3 days, 2': the unit of a bare number is the second.
std::vector<IntervalTerm> TermsOf(std::string_view text) {
  std::vector<IntervalTerm> terms;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    std::string_view term = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    while (term.starts_with(' ')) term.remove_prefix(1);
    while (term.ends_with(' ')) term.remove_suffix(1);
    if (term.starts_with('+')) term.remove_prefix(1);
    IntervalTerm result{.part = "second"};
    const auto [end, error] =
        std::from_chars(term.data(), term.data() + term.size(), result.amount);
    if (error != std::errc()) FailBinding("001003", "42000", "Invalid interval '{}'", term);
    std::string_view unit(end, static_cast<size_t>(term.data() + term.size() - end));
    while (unit.starts_with(' ')) unit.remove_prefix(1);
    if (!unit.empty()) {
      const auto part = DatePart(unit);
      if (!part) FailBinding("001003", "42000", "Invalid interval '{}'", term);
      result.part = *part;
    }
    terms.push_back(std::move(result));
  }
  return terms;
}

Expression Shift(const syntax::IntervalLiteral& interval, Expression date, bool subtract) {
  if (!interval.qualifier.empty()) FailUnsupported("INTERVAL with a qualifier");
  for (const IntervalTerm& term : TermsOf(interval.text)) {
    date = AddToDate(term.part, IntegerConstant(subtract ? -term.amount : term.amount),
                     std::move(date));
  }
  return date;
}

}  // namespace

Expression Binder::BindBinary(const syntax::Binary& binary, const Scope& scope) {
  using enum syntax::BinaryOperator;
  if (binary.op == kAdd || binary.op == kSubtract) {
    if (const auto* interval = syntax::As<syntax::IntervalLiteral>(binary.right)) {
      return Shift(*interval, Bind(binary.left, scope), binary.op == kSubtract);
    }
    const auto* interval = syntax::As<syntax::IntervalLiteral>(binary.left);
    if (interval != nullptr && binary.op == kAdd) {
      return Shift(*interval, Bind(binary.right, scope), false);
    }
  }
  const std::string_view comparison = ComparisonOf(binary.op);
  if (!comparison.empty()) return CompareRows(comparison, binary.left, binary.right, scope);
  Expression left = Bind(binary.left, scope);
  Expression right = Bind(binary.right, scope);
  switch (binary.op) {
    case kAdd:
      return Add(std::move(left), std::move(right));
    case kSubtract:
      return Subtract(std::move(left), std::move(right));
    case kMultiply:
      return Multiply(std::move(left), std::move(right));
    case kDivide:
      return Divide(std::move(left), std::move(right));
    case kModulo:
      return Modulo(std::move(left), std::move(right));
    default:
      return Concatenate(std::move(left), std::move(right));
  }
}

/// DuckDB would find rows with nulls equal: each pair of elements is compared on its own.
Expression Binder::CompareRows(std::string_view op, const syntax::Expression& left,
                               const syntax::Expression& right, const Scope& scope) {
  const auto* a = syntax::As<syntax::Row>(left);
  const auto* b = syntax::As<syntax::Row>(right);
  if (a == nullptr || b == nullptr) return Compare(op, Bind(left, scope), Bind(right, scope));
  if (a->elements.size() != b->elements.size()) {
    FailAt(right->span, "001790", "42601", "rows of different size cannot be compared");
  }
  if (op != "=" && op != "<>") FailUnsupported("comparison of rows by {}", op);
  std::vector<Expression> pairs;
  for (size_t i = 0; i < a->elements.size(); ++i) {
    pairs.push_back(CompareRows(op, a->elements[i], b->elements[i], scope));
  }
  return op == "=" ? And(std::move(pairs)) : Or(std::move(pairs));
}

Expression Binder::BindIn(const syntax::InList& in, const Scope& scope) {
  Expression result;
  if (syntax::As<syntax::Row>(in.operand) != nullptr) {
    std::vector<Expression> rows;
    for (const syntax::Expression& value : in.values) {
      rows.push_back(CompareRows("=", in.operand, value, scope));
    }
    result = Or(std::move(rows));
  } else {
    std::vector<Expression> values = {Bind(in.operand, scope)};
    for (const syntax::Expression& value : in.values) values.push_back(Bind(value, scope));
    UnifyCompared(values);
    std::string pattern = "({0} IN (";
    for (size_t i = 1; i < values.size(); ++i) {
      pattern += fmt::format("{}{{{}}}", i > 1 ? ", " : "", i);
    }
    result = Call("IN", pattern + "))", std::move(values), BooleanType());
  }
  return in.negated ? Not(std::move(result)) : result;
}

Expression Binder::BindSubquery(const char* name, const char* pattern, const syntax::Query& query,
                                std::vector<Expression> operands, const Scope& scope, bool scalar) {
  const ClauseState clause = clause_;
  bound::Query bound = BindQuery(query, &scope);
  clause_ = clause;
  Expression result;
  result.kind = bound::ExpressionKind::kSubquery;
  result.name = name;
  result.pattern = pattern;
  result.type = BooleanType();
  result.carrier = CarrierOf(BooleanType());
  if (scalar) {
    if (bound.columns.size() != 1) {
      FailAt(query.span, "001795", "42601", "a scalar subquery returns one column");
    }
    result.type = bound.columns[0].type;
    result.carrier = bound.columns[0].carrier;
  }
  if (!operands.empty()) {
    if (operands.size() != bound.columns.size()) {
      FailAt(query.span, "001795", "42601",
             fmt::format("the subquery returns {} columns, not {}", bound.columns.size(),
                         operands.size()));
    }
    std::vector<bound::OutputColumn> columns = bound.columns;
    for (size_t i = 0; i < operands.size(); ++i) {
      Expression column;
      column.kind = bound::ExpressionKind::kColumn;
      column.type = columns[i].type;
      column.carrier = columns[i].carrier;
      std::vector<Expression> pair = {std::move(operands[i]), std::move(column)};
      Unify(pair);
      columns[i].type = pair[1].type;
      columns[i].carrier = pair[1].carrier;
      operands[i] = std::move(pair[0]);
    }
    result.query = WithColumns(std::move(bound), columns);
  } else {
    result.query = std::make_shared<const bound::Query>(std::move(bound));
  }
  result.arguments = std::move(operands);
  return result;
}

Expression Binder::BindInQuery(const syntax::InQuery& in, const Scope& scope) {
  std::vector<Expression> operands;
  std::string left = "{0}";
  if (const auto* row = syntax::As<syntax::Row>(in.operand)) {
    operands = BindAll(row->elements, scope);
    left = "({*})";
  } else {
    operands.push_back(Bind(in.operand, scope));
  }
  Expression result = BindSubquery("IN", "", *in.query, std::move(operands), scope, false);
  result.pattern = "(" + left + " IN ({q}))";
  return in.negated ? Not(std::move(result)) : result;
}

Expression Binder::BindQuantified(const syntax::QuantifiedComparison& comparison,
                                  const Scope& scope) {
  Expression result =
      BindSubquery(comparison.quantifier == syntax::Quantifier::kAll ? "ALL" : "ANY", "",
                   *comparison.query, {Bind(comparison.operand, scope)}, scope, false);
  result.pattern = fmt::format("({{0}} {} {} ({{q}}))", ComparisonOf(comparison.op), result.name);
  return result;
}

Expression Binder::BindPattern(const syntax::PatternMatch& match, const Scope& scope) {
  Expression operand = Convert(Bind(match.operand, scope), VarcharType());
  std::vector<Expression> tests;
  for (const syntax::Expression& written : match.patterns) {
    Expression pattern = Convert(Bind(written, scope), VarcharType());
    if (match.kind == syntax::PatternKind::kRlike) {
      FunctionContext context = request_.session;
      context.name = "REGEXP_LIKE";
      tests.push_back(BindFunction(context, {operand, std::move(pattern)}));
      continue;
    }
    const char* word = match.kind == syntax::PatternKind::kLike ? "LIKE" : "ILIKE";
    std::vector<Expression> arguments = {operand, std::move(pattern)};
    std::string printed = fmt::format("({{0}} {} {{1}})", word);
    if (match.escape) {
      arguments.push_back(Convert(Bind(*match.escape, scope), VarcharType()));
      printed = fmt::format("({{0}} {} {{1}} ESCAPE {{2}})", word);
    }
    tests.push_back(Call(word, std::move(printed), std::move(arguments), BooleanType()));
  }
  Expression result =
      match.quantifier == syntax::Quantifier::kAll ? And(std::move(tests)) : Or(std::move(tests));
  return match.negated ? Not(std::move(result)) : result;
}

Expression Binder::BindCase(const syntax::Case& node, const Scope& scope) {
  std::vector<Expression> conditions;
  std::vector<Expression> values;
  std::optional<Expression> operand;
  if (node.operand) operand = Bind(*node.operand, scope);
  for (const syntax::CaseBranch& branch : node.branches) {
    Expression when = Bind(branch.when, scope);
    conditions.push_back(operand ? Compare("=", *operand, std::move(when)) : std::move(when));
    values.push_back(Bind(branch.then, scope));
  }
  if (node.otherwise) values.push_back(Bind(*node.otherwise, scope));
  return CaseWhen(std::move(conditions), std::move(values));
}

}  // namespace tarn::sql
