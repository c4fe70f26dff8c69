// SPDX-License-Identifier: Apache-2.0
// Queries: WITH, SELECT, set operators, FROM items.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/syntax/expression.h"

namespace tarn::sql::syntax {

struct TableExpressionNode;
using TableExpression = Box<TableExpressionNode>;
extern template class Box<TableExpressionNode>;
struct Statement;
extern template class Box<Statement>;

// --- FROM items
// ---------------------------------------------------------------------------------------------

struct TableAlias {
  Identifier name;
  std::vector<Identifier> columns;
  TARN_SYNTAX_NODE(TableAlias, name, columns)
};

enum class TimeTravelKind : uint8_t { kAt, kBefore, kEnd };

/// AT|BEFORE (TIMESTAMP|OFFSET|STATEMENT|STREAM => e), and END of CHANGES.
struct TimeTravel {
  Span span;
  TimeTravelKind kind = TimeTravelKind::kAt;
  std::string point;  ///< TIMESTAMP, OFFSET, STATEMENT, STREAM, VERSION
  Expression value;
  TARN_SYNTAX_NODE(TimeTravel, kind, point, value)
};

/// CHANGES (INFORMATION => DEFAULT | APPEND_ONLY) AT (…) [END (…)].
struct Changes {
  bool append_only = false;
  TimeTravel start;
  std::optional<TimeTravel> end;
  TARN_SYNTAX_NODE(Changes, append_only, start, end)
};

enum class SampleMethod : uint8_t { kDefault, kRow, kBlock };

struct Sample {
  SampleMethod method = SampleMethod::kDefault;
  Expression amount;
  bool rows = false;  ///< else percent
  std::optional<Expression> seed;
  TARN_SYNTAX_NODE(Sample, method, amount, rows, seed)
};

struct NamedTable {
  ObjectName name;
  std::optional<TimeTravel> time_travel;
  std::optional<Changes> changes;
  TARN_SYNTAX_NODE(NamedTable, name, time_travel, changes)
};

/// `$1` after `->>`: the result of an earlier statement of the chain, counted backwards.
struct PipedResult {
  std::string number;
  TARN_SYNTAX_NODE(PipedResult, number)
};

struct DerivedTable {
  Box<Query> query;
  bool lateral = false;
  TARN_SYNTAX_NODE(DerivedTable, query, lateral)
};

/// TABLE(f(…)), LATERAL f(…), TABLE('name'), TABLE($v): the argument is a call, or what names a
/// table.
struct TableFunction {
  Expression call;
  bool lateral = false;
  bool table_keyword = true;
  std::vector<Expression> partition_by;  ///< TABLE(f(…) OVER (PARTITION BY … ORDER BY …))
  std::vector<OrderItem> order_by;
  TARN_SYNTAX_NODE(TableFunction, call, lateral, table_keyword, partition_by, order_by)
};

/// `@stage/path (FILE_FORMAT => f, PATTERN => 're')`.
struct StagedFiles {
  StageReference stage;
  std::vector<Argument> options;
  TARN_SYNTAX_NODE(StagedFiles, stage, options)
};

/// DIRECTORY(@stage).
struct DirectoryTable {
  StageReference stage;
  TARN_SYNTAX_NODE(DirectoryTable, stage)
};

enum class JoinKind : uint8_t { kInner, kLeft, kRight, kFull, kCross, kAsof };

struct Join {
  JoinKind kind = JoinKind::kInner;
  bool natural = false;
  bool directed = false;
  TableExpression left;
  TableExpression right;
  std::optional<Expression> match_condition;  ///< of ASOF
  std::optional<Expression> on;
  std::vector<Identifier> columns;  ///< USING
  std::string read_order;  ///< FIRST, LAST or empty: what a directed join scans first or last
  std::optional<Identifier> read_order_alias;
  TARN_SYNTAX_NODE(Join, kind, natural, directed, left, right, match_condition, on, columns,
                   read_order, read_order_alias)
};

struct PivotValue {
  Expression value;
  std::optional<Identifier> alias;
  TARN_SYNTAX_NODE(PivotValue, value, alias)
};

enum class PivotDomain : uint8_t { kValues, kAny, kQuery };

struct Pivot {
  TableExpression input;
  std::vector<PivotValue> aggregates;
  ObjectName column;
  PivotDomain domain = PivotDomain::kValues;
  std::vector<PivotValue> values;
  std::vector<OrderItem> any_order;
  std::optional<Box<Query>> query;
  std::optional<Expression> default_on_null;
  TARN_SYNTAX_NODE(Pivot, input, aggregates, column, domain, values, any_order, query,
                   default_on_null)
};

struct Unpivot {
  TableExpression input;
  bool include_nulls = false;
  Identifier value;
  Identifier name;
  std::vector<PivotValue> columns;
  TARN_SYNTAX_NODE(Unpivot, input, include_nulls, value, name, columns)
};

using TableExpressionValue = std::variant<NamedTable, PipedResult, DerivedTable, TableFunction,
                                          StagedFiles, DirectoryTable, Join, Pivot, Unpivot>;

struct TableExpressionNode {
  Span span;
  TableExpressionValue value;
  std::optional<TableAlias> alias;
  std::optional<Sample> sample;
  TARN_SYNTAX_NODE(TableExpression, value, alias, sample)
};

// --- SELECT
// -------------------------------------------------------------------------------------------------

struct SelectItem {
  Span span;  ///< without the alias
  Expression value;
  std::optional<Identifier> alias;
  TARN_SYNTAX_NODE(SelectItem, value, alias)
};

enum class GroupingKind : uint8_t { kExpression, kRollup, kCube, kSets };

/// A key, or ROLLUP/CUBE/GROUPING SETS of groups of keys.
struct GroupingElement {
  GroupingKind kind = GroupingKind::kExpression;
  std::vector<std::vector<Expression>> groups;  ///< one group with one key for kExpression
  TARN_SYNTAX_NODE(GroupingElement, kind, groups)
};

struct NamedWindow {
  Identifier name;
  WindowSpecification window;
  TARN_SYNTAX_NODE(NamedWindow, name, window)
};

struct Hierarchy {
  std::optional<Expression> start_with;
  Expression connect_by;
  TARN_SYNTAX_NODE(Hierarchy, start_with, connect_by)
};

struct Select {
  bool distinct = false;
  std::optional<Expression> top;
  std::vector<SelectItem> items;
  std::vector<Expression> into;       ///< variables of a block
  std::vector<TableExpression> from;  ///< separated by commas
  std::optional<Expression> where;
  std::optional<Hierarchy> hierarchy;
  bool group_by_all = false;
  std::vector<GroupingElement> group_by;
  bool group_by_nothing = false;  ///< GROUP BY ()
  std::optional<Expression> having;
  std::vector<NamedWindow> windows;
  std::optional<Expression> qualify;
  TARN_SYNTAX_NODE(Select, distinct, top, items, into, from, where, hierarchy, group_by_all,
                   group_by, group_by_nothing, having, windows, qualify)
};

struct Values {
  std::vector<std::vector<Expression>> rows;
  TARN_SYNTAX_NODE(Values, rows)
};

enum class SetOperator : uint8_t { kUnion, kExcept, kIntersect };

/// A chain of one operator, from left to right.
struct SetOperation {
  SetOperator op = SetOperator::kUnion;
  bool all = false;
  bool by_name = false;
  std::vector<Query> operands;  ///< two or more
  TARN_SYNTAX_NODE(SetOperation, op, all, by_name, operands)
};

/// A query in parentheses that has clauses of its own below those of the outer one.
struct NestedQuery {
  Box<Query> query;
  TARN_SYNTAX_NODE(NestedQuery, query)
};

using QueryBody = std::variant<Box<Select>, Values, SetOperation, NestedQuery>;

struct CommonTable {
  Span span;
  Identifier name;
  std::vector<Identifier> columns;
  Box<Query> query;
  TARN_SYNTAX_NODE(CommonTable, name, columns, query)
};

struct OrderByAll {
  bool descending = false;
  NullOrder nulls = NullOrder::kDefault;
  TARN_SYNTAX_NODE(OrderByAll, descending, nulls)
};

/// LIMIT n OFFSET m and FETCH FIRST n ROWS are one. LIMIT NULL is a literal.
struct RowLimit {
  std::optional<Expression> limit;
  std::optional<Expression> offset;
  TARN_SYNTAX_NODE(RowLimit, limit, offset)
};

struct Query {
  Span span;
  bool recursive = false;
  std::vector<CommonTable> with;
  QueryBody body;
  std::vector<OrderItem> order_by;
  std::optional<OrderByAll> order_by_all;
  RowLimit limit;
  std::string for_update;  ///< FOR UPDATE and what follows, upper case; may be empty
  TARN_SYNTAX_NODE(Query, recursive, with, body, order_by, order_by_all, limit, for_update)
};

}  // namespace tarn::sql::syntax
