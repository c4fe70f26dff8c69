// SPDX-License-Identifier: Apache-2.0
// The change of a query's result as a query over the changes of its tables. Rows are multisets: a
// change is a set of rows with weights, +n for rows that came and −n for rows that went (Budiu and
// others, "DBSP: Automatic Incremental View Maintenance", VLDB 2023; for joins, one term per input
// that changed, each against the others before or after it).
#pragma once

#include <cstdint>
#include <expected>
#include <span>
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
///   outer joins, and EXISTS, IN and other subqueries of a WHERE: rows whose partners changed,
///     before and after
///   GROUP BY (GROUPING SETS by each set), DISTINCT, UNION, EXCEPT, INTERSECT, windows with
///   PARTITION BY: groups of which any row changed, before and after
///   aggregates without GROUP BY: before and after
/// NotIncremental for everything else, whatever changed.
std::expected<DeltaQuery, NotIncremental> DeltaOf(const sql::BoundQuery& query,
                                                  const std::vector<bool>& changed);

// --- With kept groups (kept_groups.h): what of the query is grouped is not read again ---

/// Names of the engine's tables (engine/kept_table.h) of one GROUP BY or DISTINCT of the query.
struct KeptNames {
  std::string kept;     ///< its groups at the state before
  std::string touched;  ///< to be made by a step
  std::string renewed;  ///< likewise
};

/// Text for DuckDB, which reads `tarn_table(i)` of `tables`.
struct StateQuery {
  std::string text;
  size_t columns = 0;
  std::vector<DeltaTable> tables;
};

/// How many GROUP BY and DISTINCT a query has whose groups can be kept.
size_t KeptCount(const sql::BoundQuery& query);

/// The rows of their kept tables, at the state before; to be made in this order, since later ones
/// read earlier ones. REQUIRES: names of each.
std::expected<std::vector<StateQuery>, NotIncremental> KeptRows(const sql::BoundQuery& query,
                                                                const std::vector<bool>& changed,
                                                                std::span<const KeptNames> names);

/// What is to be done for one of them whose rows changed, before the delta is read.
struct KeptStep {
  size_t node = 0;
  StateQuery touched;  ///< the rows of KeptNames::touched
  /// Gives counts: of groups that must be read anew, of those with a null in their keys, and of
  /// groups with fewer rows than none, which nobody should see.
  std::string check;
  /// Where there are any: the rows of KeptNames::renewed, then the statement that puts them into
  /// the touched table. `renewed_equal` finds the same faster; no key may be null.
  StateQuery renewed, renewed_equal;
  std::string renew;
  /// The statement that brings the kept table to the state after. REQUIRES: nobody needs the state
  /// before any more.
  std::string apply;
};

struct DeltaPlan {
  std::vector<KeptStep> steps;  ///< in their order
  DeltaQuery delta;             ///< reads what they made
};

/// As DeltaOf, which it is where there are no names.
std::expected<DeltaPlan, NotIncremental> PlanDelta(const sql::BoundQuery& query,
                                                   const std::vector<bool>& changed,
                                                   std::span<const KeptNames> names);

}  // namespace tarn::incremental
