// SPDX-License-Identifier: Apache-2.0
// A filter over the columns of one table, as far as a scan can use it: to skip files by their
// bounds, to skip row groups, and to drop rows.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/column_type.h"
#include "base/strong_id.h"
#include "base/value.h"

namespace tarn {

/// Values are part of the wire protocol: append only, never renumber.
enum class FilterOp : uint8_t {
  kAnd = 1,
  kOr = 2,
  kNot = 3,
  kIsNull = 4,
  kIsNotNull = 5,
  kEqual = 6,
  kNotEqual = 7,
  kLess = 8,
  kLessOrEqual = 9,
  kGreater = 10,
  kGreaterOrEqual = 11,
  kIn = 12,          ///< `values` are never null
  kStartsWith = 13,  ///< strings, byte-wise
};

/// SQL's three-valued logic: a row passes when the filter is true. Comparisons are between a
/// top-level column and constants of exactly the column's type (`type`); strings compare byte-wise
/// (C collation); floats compare as in PostgreSQL: NaN equals NaN and is greater than all else;
/// -0.0 equals 0.0.
struct Filter {
  FilterOp op = FilterOp::kAnd;
  std::vector<Filter> children;  ///< kAnd, kOr (any number), kNot (one)
  FieldId field;                 ///< the others
  Type type;                     ///< type of `field` and of `values`
  std::vector<Value> values;     ///< one for comparisons, any number for kIn
};

}  // namespace tarn
