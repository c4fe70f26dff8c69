// SPDX-License-Identifier: Apache-2.0
// Filters evaluated over ranges of values instead of rows: what may come out, never less than what
// does. What can't come out is certain, so the same answers tell files to skip and files that match
// as a whole.
#pragma once

#include <functional>
#include <optional>

#include "base/filter.h"
#include "base/value.h"

namespace tarn::iceberg {

/// Which truth values a filter may take on some row.
struct Outcome {
  bool may_be_true = true;
  bool may_be_false = true;
  bool may_be_null = true;
};

/// What two ways to judge the same rows leave possible.
inline Outcome BothHold(const Outcome& a, const Outcome& b) {
  return {.may_be_true = a.may_be_true && b.may_be_true,
          .may_be_false = a.may_be_false && b.may_be_false,
          .may_be_null = a.may_be_null && b.may_be_null};
}

/// The values of one column in some set of rows, as far as they are known.
struct ColumnRange {
  bool may_have_null = true;
  bool may_have_nan = false;
  bool may_have_others = true;  ///< neither null nor NaN
  std::optional<Value> lower;   ///< inclusive bounds of the others, not necessarily taken by any
  std::optional<Value> upper;
  bool is_exact = false;  ///< the bounds are values, neither truncated nor widened
};

/// The comparison, null test, IN or prefix test `leaf` over a column with such values.
Outcome EvaluateLeaf(const Filter& leaf, const ColumnRange& range);

/// A whole filter; `leaf` decides those that are not AND, OR or NOT.
Outcome EvaluateFilter(const Filter& filter, const std::function<Outcome(const Filter&)>& leaf);

/// The comparison that is true where `op` is false, nulls aside. IN and prefix tests, whose
/// opposite no operator is, give kNotEqual.
FilterOp Negated(FilterOp op);

/// True for a float or double that is NaN.
bool IsNan(const Value& value);

/// A bound as it stands in a manifest, none when it can't be used: malformed, of another width,
/// NaN.
std::optional<Value> DecodeBound(const Type& type, const std::string* bytes);

}  // namespace tarn::iceberg
