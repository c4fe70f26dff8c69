// SPDX-License-Identifier: Apache-2.0
// Queries after binding. Output columns are known by their place; names are for people only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/bound/expression.h"

namespace tarn::sql::bound {

struct OutputColumn {
  std::string name;
  DataType type;
  Type carrier;
  bool nullable = true;
  /// The table's column that it shows unchanged: table of the statement and column, or −1.
  int32_t table = -1;
  int32_t table_column = -1;
};

// --- FROM ---

enum class RelationKind : uint8_t { kTable, kDerived, kCommonTable, kCall, kJoin };
enum class JoinKind : uint8_t { kInner, kLeft, kRight, kFull, kCross, kAsofLeft };

struct Relation {
  RelationKind kind = RelationKind::kTable;
  int32_t id = 0;      ///< its columns are those of this relation; none of a join
  int32_t source = 0;  ///< kTable: number of the statement's table; kCommonTable: of the WITH
  std::shared_ptr<const Query> query;  ///< kDerived
  bool lateral = false;

  std::string pattern;  ///< kCall: a table function, printed as calls are
  std::vector<Expression> arguments;
  int32_t column_count = 0;

  JoinKind join = JoinKind::kInner;  ///< kJoin
  std::vector<Relation> sides;       ///< two
  std::optional<Expression> condition;

  std::string sample;  ///< of DuckDB's TABLESAMPLE, printed behind; empty: none
};

// --- Bodies ---

/// Rows of `from` for which `where` is true, projected. With grouping, one row per key of each set;
/// items are then keys and aggregates only.
struct Select {
  bool distinct = false;
  std::vector<Expression> items;
  std::optional<Relation> from;
  std::optional<Expression> where;
  bool grouped = false;
  /// Keys are the first items, named by their place. One empty set: a single row.
  std::vector<std::vector<int32_t>> grouping_sets;
  std::optional<Expression> qualify;
};

struct Values {
  std::vector<std::vector<Expression>> rows;
};

enum class SetOperator : uint8_t { kUnion, kExcept, kIntersect };

struct SetOperation {
  SetOperator op = SetOperator::kUnion;
  bool all = false;
  std::vector<std::shared_ptr<const Query>> operands;  ///< of equal types and carriers
};

struct CommonTable {
  int32_t id = 0;
  bool recursive = false;
  std::shared_ptr<const Query> query;
};

struct Query {
  std::vector<CommonTable> with;
  std::variant<Select, Values, SetOperation, std::shared_ptr<const Query>> body;
  std::vector<OrderKey> order;
  std::optional<Expression> limit;
  std::optional<Expression> offset;
  std::vector<OutputColumn> columns;
};

/// One line per node, for tests.
std::string Dump(const Query& query);
std::string Dump(const Expression& expression);

}  // namespace tarn::sql::bound
