// SPDX-License-Identifier: Apache-2.0
// The groups of a GROUP BY or DISTINCT, kept in a table of the engine (engine/kept_table.h) from
// one change of its input to the next.
//   kept:    keys, number of rows, accumulators
//   touched: groups of which any row changed: keys, number of rows before and after, whether
//            accumulators must be read anew, accumulators before, accumulators after
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "incremental/kept_aggregate.h"
#include "sql/bound/query.h"

namespace tarn::incremental {

/// Immutable. Names are those of tables of the engine.
class KeptGroups {
 public:
  /// Whether the groups of this query can be kept.
  static bool Applies(const sql::bound::Select& select);
  /// REQUIRES: Applies.
  explicit KeptGroups(const sql::bound::Select& select);

  const std::vector<sql::bound::Expression>& keys() const { return keys_; }

  /// The rows of a kept table, of the rows of `from`.
  sql::bound::Select Groups(sql::bound::Relation from,
                            std::optional<sql::bound::Expression> where) const;
  size_t kept_columns() const { return keys_.size() + 1 + parts_; }

  /// What counts of changed rows: keys and inputs, then the weight.
  sql::bound::Select ChangedRows(sql::bound::Relation from, sql::bound::Expression weight,
                                 std::optional<sql::bound::Expression> condition) const;
  /// The rows of a touched table, of the text of ChangedRows.
  std::string TouchedText(const std::string& changed_rows, const std::string& kept) const;
  size_t touched_columns() const { return keys_.size() + 3 + 2 * parts_; }

  /// One row: groups that must be read anew, those of them with null in a key, and groups of fewer
  /// rows than none.
  std::string CheckText(const std::string& touched) const;
  /// Their keys.
  sql::bound::Select LostKeys(const std::string& touched, int32_t relation) const;
  /// Puts rows of Groups into the touched table.
  std::string RenewText(const std::string& touched, const std::string& renewed) const;
  /// Brings the kept table to the state after.
  std::string ApplyText(const std::string& kept, const std::string& touched) const;

  // The query's own rows, with a weight behind them where one is given.
  sql::bound::Select RowsBefore(const std::string& touched, int32_t relation,
                                std::optional<sql::bound::Expression> weight) const;
  sql::bound::Select RowsAfter(const std::string& touched, int32_t relation,
                               std::optional<sql::bound::Expression> weight) const;
  sql::bound::Select KeptRows(const std::string& kept, int32_t relation) const;
  /// Those of groups that are not touched.
  sql::bound::Select UntouchedRows(const std::string& kept, const std::string& touched,
                                   int32_t relation, int32_t touched_relation) const;

 private:
  sql::bound::Select RowsOf(const std::string& table, size_t columns, int32_t relation,
                            size_t rows_column, size_t first_part,
                            std::optional<sql::bound::Expression> weight) const;
  std::string SameKeys(const std::string& left, const std::string& right) const;

  std::vector<sql::bound::Expression> keys_;
  std::vector<KeptAggregate> aggregates_;
  size_t parts_ = 0;   ///< of all aggregates
  size_t inputs_ = 0;  ///< likewise
};

}  // namespace tarn::incremental
