// SPDX-License-Identifier: Apache-2.0
// Filters evaluated over ranges of values instead of rows: what may come out, never less than what
// does.
#pragma once

#include <functional>
#include <optional>

#include "base/filter.h"
#include "base/value.h"

namespace tarn::iceberg {

/// Which truth values a filter may take on some row. Both are kept because NOT swaps them; null
/// needs no flag, as it passes neither way.
struct Outcome {
  bool may_be_true = true;
  bool may_be_false = true;
};

/// The values of one column in some set of rows, as far as they are known.
struct ColumnRange {
  bool may_have_null = true;
  bool may_have_nan = false;
  bool may_have_others = true;  ///< neither null nor NaN
  std::optional<Value> lower;   ///< inclusive bounds of the others, not necessarily taken by any
  std::optional<Value> upper;
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
