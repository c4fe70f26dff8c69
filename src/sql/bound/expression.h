// SPDX-License-Identifier: Apache-2.0
// Expressions after binding: columns by number, every value typed, every cast a call.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/column_type.h"
#include "base/value.h"
#include "sql/data_type.h"

namespace tarn::sql::bound {

struct Query;
struct Expression;

/// A column of a relation of the same query or of one around it. Relations are numbered through a
/// whole statement.
struct ColumnId {
  /// In place of a column: the number of a table's row (engine/query.h).
  static constexpr int32_t kRowNumber = -1;

  int32_t relation = 0;
  int32_t column = 0;
  bool operator==(const ColumnId&) const = default;
};

struct OrderKey;

enum class FrameBound : uint8_t {
  kUnboundedPreceding,
  kPreceding,
  kCurrentRow,
  kFollowing,
  kUnboundedFollowing,
};

struct Window {
  std::vector<Expression> partition;
  std::vector<OrderKey> order;
  std::string unit;  ///< ROWS, RANGE, GROUPS; empty: no frame
  FrameBound start = FrameBound::kUnboundedPreceding;
  FrameBound end = FrameBound::kCurrentRow;
  std::vector<Expression> start_offset;  ///< one or none
  std::vector<Expression> end_offset;
};

enum class ExpressionKind : uint8_t { kConstant, kColumn, kParameter, kCall, kSubquery };
enum class CallKind : uint8_t { kScalar, kAggregate, kWindow };

/// A value. Copies share subqueries, which are therefore never changed in place.
struct Expression {
  ExpressionKind kind = ExpressionKind::kConstant;
  DataType type;
  Type carrier;  ///< how DuckDB holds it
  bool nullable = true;

  Value constant;         ///< kConstant, of the carrier
  ColumnId column;        ///< kColumn
  int32_t parameter = 0;  ///< kParameter, from 1

  /// kCall: the function or operator, and how it is printed: `{0}` is an argument, `{*}` all of
  /// them with commas, `{d}` DISTINCT, `{o}` the ORDER BY of an aggregate, `{w}` the OVER. Patterns
  /// are ours: nothing that a user wrote stands in them. kSubquery: `{q}` is the query.
  std::string name;
  std::string pattern;
  std::vector<Expression> arguments;
  CallKind call = CallKind::kScalar;
  bool distinct = false;
  bool is_volatile = false;
  std::vector<OrderKey> order;
  std::shared_ptr<const Window> window;  ///< set: evaluated over a window
  std::shared_ptr<const Query> query;

  bool is_null_constant() const {
    return kind == ExpressionKind::kConstant && std::holds_alternative<std::monostate>(constant);
  }
};

struct OrderKey {
  Expression value;
  bool descending = false;
  bool nulls_first = false;
  /// From 1: the output column that is meant, in place of `value`; only in a query's ORDER BY.
  int32_t output = 0;
};

/// Whether both compute the same from the same row. Subqueries are the same only if shared.
bool SameValue(const Expression& a, const Expression& b);

}  // namespace tarn::sql::bound
