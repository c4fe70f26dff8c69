// SPDX-License-Identifier: Apache-2.0
// The change of a query's result as a query over the changes of its tables. Rows are multisets: a
// change is a set of rows with weights, +n for rows that came and −n for rows that went (Budiu and
// others, "DBSP: Automatic Incremental View Maintenance", VLDB 2023; for joins, one term per input
// that changed, each against the others before or after it).
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "sql/bind/bind.h"
#include "sql/bound/query.h"

namespace tarn::incremental {

/// What of a table a query reads.
enum class TableState : uint8_t {
  kBefore,
  kAfter,
  /// The rows that differ: the table's columns and, behind them, INSERT or DELETE as text.
  kChanges,
};

/// A table of a delta query.
struct DeltaTable {
  size_t table = 0;  ///< of the query that it was made of
  TableState state = TableState::kAfter;
  bool operator==(const DeltaTable&) const = default;
};

/// A query whose tables are in states.
struct DeltaQuery {
  sql::bound::Query query;  ///< the columns of the original, then the weight (kLong, not null)
  std::vector<DeltaTable> tables;
};

/// Why a query has none, in words for users ("Unsupported query operator type: Limit").
struct NotIncremental {
  std::string reason;
};

/// `changed`: by table of the query; what did not change has no term. Weights of equal rows are not
/// summed. The order of a query's rows counts for nothing.
///   filter, projection, inner, cross and lateral joins of table functions, UNION ALL: by their
///     terms
///   left and right outer joins: rows whose partners changed, before and after
///   GROUP BY, DISTINCT, UNION, EXCEPT, INTERSECT, windows with PARTITION BY: groups of which any
///     row changed, before and after
///   aggregates without GROUP BY: before and after
/// NotIncremental for everything else, whatever changed.
std::expected<DeltaQuery, NotIncremental> DeltaOf(const sql::BoundQuery& query,
                                                  const std::vector<bool>& changed);

}  // namespace tarn::incremental
