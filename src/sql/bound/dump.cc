// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sql/bound/query.h"

namespace tarn::sql::bound {

namespace {

std::string ConstantText(const Value& value) {
  return std::visit(
      [](const auto& v) -> std::string {
        using V = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<V, std::monostate>) {
          return "NULL";
        } else if constexpr (std::is_same_v<V, std::string>) {
          return "'" + v + "'";
        } else if constexpr (std::is_same_v<V, Int128>) {
          return fmt::format("{}u", static_cast<int64_t>(v));
        } else {
          return fmt::format("{}", v);
        }
      },
      value);
}

std::string List(const std::vector<Expression>& expressions) {
  std::string text;
  for (const Expression& expression : expressions) {
    if (!text.empty()) text += ", ";
    text += Dump(expression);
  }
  return text;
}

std::string Keys(const std::vector<OrderKey>& keys) {
  std::string text;
  for (const OrderKey& key : keys) {
    if (!text.empty()) text += ", ";
    text += key.output > 0 ? fmt::format("#{}", key.output) : Dump(key.value);
    text += key.descending ? " desc" : " asc";
    text += key.nulls_first ? " nulls first" : " nulls last";
  }
  return text;
}

std::string RelationText(const Relation& relation) {
  switch (relation.kind) {
    case RelationKind::kTable:
      return fmt::format("t{}=table{}", relation.id, relation.source);
    case RelationKind::kDerived:
      return fmt::format("t{}=({})", relation.id, Dump(*relation.query));
    case RelationKind::kCommonTable:
      return fmt::format("t{}=with{}", relation.id, relation.source);
    case RelationKind::kCall:
      return fmt::format("t{}={}({})", relation.id, relation.pattern, List(relation.arguments));
    case RelationKind::kJoin:
      break;
  }
  constexpr const char* kNames[] = {"join", "left", "right", "full", "cross", "asof"};
  return fmt::format("({} {} {}{})", RelationText(relation.sides[0]),
                     kNames[static_cast<size_t>(relation.join)], RelationText(relation.sides[1]),
                     relation.condition ? " on " + Dump(*relation.condition) : std::string());
}

std::string SelectText(const Select& select) {
  std::string text = "select ";
  if (select.distinct) text += "distinct ";
  text += List(select.items);
  if (select.from) text += " from " + RelationText(*select.from);
  if (select.where) text += " where " + Dump(*select.where);
  if (select.grouped) {
    text += " group";
    for (const auto& set : select.grouping_sets) {
      text += fmt::format(" [{}]", fmt::join(set, ","));
    }
  }
  if (select.qualify) text += " qualify " + Dump(*select.qualify);
  return text;
}

std::string BodyText(const Query& query) {
  if (const auto* select = std::get_if<Select>(&query.body)) return SelectText(*select);
  if (const auto* nested = std::get_if<std::shared_ptr<const Query>>(&query.body)) {
    return "(" + Dump(**nested) + ")";
  }
  std::string text;
  if (const auto* values = std::get_if<Values>(&query.body)) {
    text = "values";
    for (const auto& row : values->rows) text += " (" + List(row) + ")";
    return text;
  }
  const auto& operation = std::get<SetOperation>(query.body);
  constexpr const char* kNames[] = {"union", "except", "intersect"};
  for (const auto& operand : operation.operands) {
    if (!text.empty()) {
      text += fmt::format(" {}{} ", kNames[static_cast<size_t>(operation.op)],
                          operation.all ? " all" : "");
    }
    text += "(" + Dump(*operand) + ")";
  }
  return text;
}

}  // namespace

std::string Dump(const Expression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kConstant:
      return ConstantText(expression.constant);
    case ExpressionKind::kColumn:
      return fmt::format("t{}.c{}", expression.column.relation, expression.column.column);
    case ExpressionKind::kParameter:
      return fmt::format("${}", expression.parameter);
    case ExpressionKind::kSubquery:
      return fmt::format("{}({}{}{})", expression.name, List(expression.arguments),
                         expression.arguments.empty() ? "" : "; ", Dump(*expression.query));
    case ExpressionKind::kCall:
      break;
  }
  std::string text =
      fmt::format("{}({}{})", expression.name, expression.distinct ? "distinct " : "",
                  List(expression.arguments));
  if (!expression.order.empty()) text += " order " + Keys(expression.order);
  if (expression.window != nullptr) {
    text +=
        fmt::format(" over ({}{}{}{})", List(expression.window->partition),
                    expression.window->order.empty() ? "" : "; ", Keys(expression.window->order),
                    expression.window->unit.empty() ? "" : " " + expression.window->unit);
  }
  return text;
}

std::string Dump(const Query& query) {
  std::string text;
  for (const CommonTable& table : query.with) {
    text += fmt::format("with{}{}=({}) ", table.id, table.recursive ? " recursive" : "",
                        Dump(*table.query));
  }
  text += BodyText(query);
  if (!query.order.empty()) text += " order " + Keys(query.order);
  if (query.limit) text += " limit " + Dump(*query.limit);
  if (query.offset) text += " offset " + Dump(*query.offset);
  return text;
}

bool SameValue(const Expression& a, const Expression& b) {
  const auto same = [](const auto& left, const auto& right, const auto& equal) {
    return std::ranges::equal(left, right, equal);
  };
  const auto same_key = [](const OrderKey& x, const OrderKey& y) {
    return x.descending == y.descending && x.nulls_first == y.nulls_first &&
           SameValue(x.value, y.value);
  };
  if (a.kind != b.kind || a.carrier != b.carrier || a.constant != b.constant ||
      a.column != b.column || a.parameter != b.parameter || a.pattern != b.pattern ||
      a.distinct != b.distinct || a.is_volatile || a.query != b.query) {
    return false;
  }
  if (!same(a.arguments, b.arguments, SameValue) || !same(a.order, b.order, same_key)) return false;
  if (a.window == b.window) return true;
  if (a.window == nullptr || b.window == nullptr) return false;
  return a.window->unit == b.window->unit && a.window->start == b.window->start &&
         a.window->end == b.window->end &&
         same(a.window->partition, b.window->partition, SameValue) &&
         same(a.window->order, b.window->order, same_key) &&
         same(a.window->start_offset, b.window->start_offset, SameValue) &&
         same(a.window->end_offset, b.window->end_offset, SameValue);
}

}  // namespace tarn::sql::bound
