// SPDX-License-Identifier: Apache-2.0
#include "sql/duckdb_text/print.h"

#include <fmt/core.h>

#include <charconv>

namespace tarn::sql {

std::string PrintConstant(const Value& value, const Type& carrier);

namespace {

using bound::Expression;
using bound::ExpressionKind;
using bound::OrderKey;
using bound::Query;
using bound::Relation;
using bound::RelationKind;

/// Writes one statement. Recursion is as deep as the tree, whose height the parser limits.
class Printer {
 public:
  std::string TakeText() { return std::move(text_); }

  void PrintQuery(const Query& query) {
    PrintWith(query);
    if (const auto* select = std::get_if<bound::Select>(&query.body)) {
      PrintSelect(*select);
    } else if (const auto* values = std::get_if<bound::Values>(&query.body)) {
      PrintValues(*values);
    } else if (const auto* operation = std::get_if<bound::SetOperation>(&query.body)) {
      PrintSetOperation(*operation);
    } else {
      text_ += "SELECT * FROM (";
      PrintQuery(*std::get<std::shared_ptr<const Query>>(query.body));
      text_ += ") AS n";
    }
    PrintOrder(query.order);
    if (query.limit) {
      text_ += " LIMIT ";
      Print(*query.limit);
    }
    if (query.offset) {
      text_ += " OFFSET ";
      Print(*query.offset);
    }
  }

  void Print(const Expression& expression) {
    switch (expression.kind) {
      case ExpressionKind::kConstant:
        text_ += PrintConstant(expression.constant, expression.carrier);
        return;
      case ExpressionKind::kColumn:
        PrintColumn(expression.column);
        return;
      case ExpressionKind::kParameter:
        text_ += fmt::format("CAST(${} AS {})", expression.parameter,
                             DuckdbTypeName(expression.carrier));
        return;
      case ExpressionKind::kCall:
      case ExpressionKind::kSubquery:
        PrintPattern(expression);
        return;
    }
  }

 private:
  void PrintColumn(const bound::ColumnId& id) {
    text_ += id.column == bound::ColumnId::kRowNumber
                 ? fmt::format("t{}.r", id.relation)
                 : fmt::format("t{}.c{}", id.relation, id.column);
  }

  void PrintWith(const Query& query) {
    if (query.with.empty()) return;
    bool recursive = false;
    for (const auto& table : query.with) recursive |= table.recursive;
    text_ += recursive ? "WITH RECURSIVE " : "WITH ";
    for (size_t i = 0; i < query.with.size(); ++i) {
      if (i > 0) text_ += ", ";
      text_ += fmt::format("x{}(", query.with[i].id);
      const size_t columns = query.with[i].query->columns.size();
      for (size_t c = 0; c < columns; ++c) text_ += fmt::format("{}c{}", c > 0 ? ", " : "", c);
      text_ += ") AS (";
      PrintQuery(*query.with[i].query);
      text_ += ")";
    }
    text_ += " ";
  }

  void PrintSelect(const bound::Select& select) {
    text_ += select.distinct ? "SELECT DISTINCT " : "SELECT ";
    for (size_t i = 0; i < select.items.size(); ++i) {
      if (i > 0) text_ += ", ";
      Print(select.items[i]);
      text_ += fmt::format(" AS c{}", i);
    }
    if (select.from) {
      text_ += " FROM ";
      PrintRelation(*select.from);
    }
    if (select.where) {
      text_ += " WHERE ";
      Print(*select.where);
    }
    if (select.grouped) PrintGrouping(select);
    if (select.qualify) {
      text_ += " QUALIFY ";
      Print(*select.qualify);
    }
  }

  void PrintGrouping(const bound::Select& select) {
    const auto& sets = select.grouping_sets;
    if (sets.size() == 1) {
      if (sets[0].empty()) return;  // what remains are aggregates: one row
      text_ += " GROUP BY ";
      PrintKeys(select, sets[0]);
      return;
    }
    text_ += " GROUP BY GROUPING SETS (";
    for (size_t i = 0; i < sets.size(); ++i) {
      text_ += i > 0 ? ", (" : "(";
      PrintKeys(select, sets[i]);
      text_ += ")";
    }
    text_ += ")";
  }

  void PrintKeys(const bound::Select& select, const std::vector<int32_t>& keys) {
    for (size_t i = 0; i < keys.size(); ++i) {
      if (i > 0) text_ += ", ";
      Print(select.items[static_cast<size_t>(keys[i])]);
    }
  }

  void PrintValues(const bound::Values& values) {
    text_ += "SELECT * FROM (VALUES ";
    for (size_t row = 0; row < values.rows.size(); ++row) {
      text_ += row > 0 ? ", (" : "(";
      PrintList(values.rows[row]);
      text_ += ")";
    }
    text_ += ") AS v(";
    const size_t columns = values.rows.at(0).size();
    for (size_t c = 0; c < columns; ++c) text_ += fmt::format("{}c{}", c > 0 ? ", " : "", c);
    text_ += ")";
  }

  void PrintSetOperation(const bound::SetOperation& operation) {
    constexpr const char* kNames[] = {" UNION ", " EXCEPT ", " INTERSECT "};
    for (size_t i = 0; i < operation.operands.size(); ++i) {
      if (i > 0) {
        text_ += kNames[static_cast<size_t>(operation.op)];
        if (operation.all) text_ += "ALL ";
      }
      // DuckDB would nest a chain to the left by itself; parentheses say it.
      text_ += "(";
      PrintQuery(*operation.operands[i]);
      text_ += ")";
    }
  }

  void PrintRelation(const Relation& relation) {
    switch (relation.kind) {
      case RelationKind::kTable:
        text_ += fmt::format("tarn_table({}) AS t{}", relation.source, relation.id);
        break;
      case RelationKind::kDerived:
        text_ += relation.lateral ? "LATERAL (" : "(";
        PrintQuery(*relation.query);
        text_ += fmt::format(") AS t{}", relation.id);
        PrintColumnNames(relation.query->columns.size());
        break;
      case RelationKind::kCommonTable:
        text_ += fmt::format("x{} AS t{}", relation.source, relation.id);
        PrintColumnNames(static_cast<size_t>(relation.column_count));
        break;
      case RelationKind::kCall:
        PrintPattern(relation.pattern, relation.arguments, nullptr);
        text_ += fmt::format(" AS t{}", relation.id);
        PrintColumnNames(static_cast<size_t>(relation.column_count));
        break;
      case RelationKind::kJoin:
        PrintJoin(relation);
        break;
    }
    text_ += relation.sample;
  }

  void PrintColumnNames(size_t count) {
    text_ += "(";
    for (size_t c = 0; c < count; ++c) text_ += fmt::format("{}c{}", c > 0 ? ", " : "", c);
    text_ += ")";
  }

  void PrintJoin(const Relation& join) {
    constexpr const char* kNames[] = {" JOIN ",      " LEFT JOIN ",  " RIGHT JOIN ",
                                      " FULL JOIN ", " CROSS JOIN ", " ASOF LEFT JOIN "};
    text_ += "(";
    PrintRelation(join.sides[0]);
    const bool cross = join.join == bound::JoinKind::kInner && !join.condition;
    text_ += kNames[static_cast<size_t>(cross ? bound::JoinKind::kCross : join.join)];
    PrintRelation(join.sides[1]);
    if (join.condition) {
      text_ += " ON ";
      Print(*join.condition);
    } else if (join.join != bound::JoinKind::kCross && !cross) {
      text_ += " ON TRUE";
    }
    text_ += ")";
  }

  void PrintOrder(const std::vector<OrderKey>& keys) {
    if (keys.empty()) return;
    text_ += " ORDER BY ";
    for (size_t i = 0; i < keys.size(); ++i) {
      if (i > 0) text_ += ", ";
      if (keys[i].output > 0) {
        text_ += fmt::format("{}", keys[i].output);
      } else if (keys[i].value.kind == ExpressionKind::kConstant) {
        // A bare text is refused here.
        text_ += "CAST(";
        Print(keys[i].value);
        text_ += " AS " + DuckdbTypeName(keys[i].value.carrier) + ")";
      } else {
        Print(keys[i].value);
      }
      text_ += keys[i].descending ? " DESC" : " ASC";
      text_ += keys[i].nulls_first ? " NULLS FIRST" : " NULLS LAST";
    }
  }

  void PrintList(const std::vector<Expression>& expressions) {
    for (size_t i = 0; i < expressions.size(); ++i) {
      if (i > 0) text_ += ", ";
      Print(expressions[i]);
    }
  }

  void PrintPattern(const Expression& call) { PrintPattern(call.pattern, call.arguments, &call); }

  /// `call` is null for table functions.
  void PrintPattern(const std::string& pattern, const std::vector<Expression>& arguments,
                    const Expression* call) {
    for (size_t at = 0; at < pattern.size();) {
      const size_t open = pattern.find('{', at);
      text_.append(pattern, at, open - at);
      if (open == std::string::npos) return;
      const size_t close = pattern.find('}', open);
      const std::string_view key(pattern.data() + open + 1, close - open - 1);
      at = close + 1;
      if (key == "*") {
        PrintList(arguments);
      } else if (key == "d") {
        if (call->distinct) text_ += "DISTINCT ";
      } else if (key == "o") {
        PrintOrder(call->order);
      } else if (key == "w") {
        if (call->window != nullptr) PrintWindow(*call->window);
      } else if (key == "q") {
        PrintQuery(*call->query);
      } else {
        size_t index = 0;
        std::from_chars(key.data(), key.data() + key.size(), index);
        Print(arguments.at(index));
      }
    }
  }

  void PrintWindow(const bound::Window& window) {
    text_ += " OVER (";
    if (!window.partition.empty()) {
      text_ += "PARTITION BY ";
      PrintList(window.partition);
    }
    PrintOrder(window.order);
    if (!window.unit.empty()) {
      text_ += " " + window.unit + " BETWEEN ";
      PrintEdge(window.start, window.start_offset);
      text_ += " AND ";
      PrintEdge(window.end, window.end_offset);
    }
    text_ += ")";
  }

  void PrintEdge(bound::FrameBound edge, const std::vector<Expression>& offset) {
    switch (edge) {
      case bound::FrameBound::kUnboundedPreceding:
        text_ += "UNBOUNDED PRECEDING";
        return;
      case bound::FrameBound::kCurrentRow:
        text_ += "CURRENT ROW";
        return;
      case bound::FrameBound::kUnboundedFollowing:
        text_ += "UNBOUNDED FOLLOWING";
        return;
      case bound::FrameBound::kPreceding:
      case bound::FrameBound::kFollowing:
        Print(offset.at(0));
        text_ += edge == bound::FrameBound::kPreceding ? " PRECEDING" : " FOLLOWING";
        return;
    }
  }

  std::string text_;
};

}  // namespace

std::string PrintForDuckdb(const Query& query) {
  Printer printer;
  printer.PrintQuery(query);
  return printer.TakeText();
}

std::string PrintForDuckdb(const Expression& expression) {
  Printer printer;
  printer.Print(expression);
  return printer.TakeText();
}

}  // namespace tarn::sql
