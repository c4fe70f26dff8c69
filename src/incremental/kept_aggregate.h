// SPDX-License-Identifier: Apache-2.0
// An aggregate as accumulators that are kept for each group and brought up to date by the rows that
// changed, where that can be done (Gupta, Mumick and Subrahmanian, "Maintaining Views
// Incrementally", SIGMOD 1993).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sql/bound/query.h"

namespace tarn::incremental {

/// A float sum from which values were taken is read anew once its error may be larger than this
/// part of it.
inline constexpr double kFloatTolerance = 1e-10;

/// SQL of DuckDB over: a changed row's `inputs` (by `input(i)`) and its weight `w`; the group's
/// accumulators before (`old(i)`, null where it is new) and those of the changed rows
/// (`change(i)`). Immutable.
class KeptAggregate {
 public:
  using Name = std::function<std::string(size_t)>;

  explicit KeptAggregate(const sql::bound::Expression& aggregate);

  /// What it reads of a row; equal ones make equal rows.
  const std::vector<sql::bound::Expression>& inputs() const { return inputs_; }
  /// The accumulators as aggregates over the group's rows.
  const std::vector<sql::bound::Expression>& parts() const { return parts_; }
  /// The accumulators of changed rows, of which no two are equal.
  std::vector<std::string> Changes(const Name& input) const;
  /// The group's accumulators after, in the order of parts().
  std::vector<std::string> Merged(const Name& old, const Name& change) const;
  /// Whether they must be read anew from the group's rows; "": never.
  std::string Lost(const Name& old, const Name& change) const;
  /// The aggregate's value of accumulators and the number of the group's rows.
  sql::bound::Expression Value(std::vector<sql::bound::Expression> parts,
                               sql::bound::Expression rows) const;

 private:
  enum class Form : uint8_t {
    kRows,
    kCount,
    kCountIf,
    kSum,
    kAverage,
    kFloatSum,
    kFloatAverage,
    kMin,
    kMax,
    /// Read anew whenever a row of the group changed.
    kAny,
  };
  static Form FormOf(const sql::bound::Expression& aggregate);

  Form form_;
  Type carrier_;
  Type input_;  ///< kSum, kAverage: DECIMAL(38, s)
  std::vector<sql::bound::Expression> inputs_, parts_;
};

}  // namespace tarn::incremental
