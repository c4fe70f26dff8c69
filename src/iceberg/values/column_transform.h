// SPDX-License-Identifier: Apache-2.0
// Partition transforms over whole columns of a batch: what Transform::Apply gives for each value,
// without a value for each row.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/batch.h"
#include "base/column_type.h"
#include "base/result.h"
#include "base/value.h"
#include "iceberg/values/transform.h"

namespace tarn::iceberg {

/// One result per row, in the one of the three vectors that the result type takes. Texts are views
/// into the column, which outlives them.
struct TransformedColumn {
  Type type;
  std::vector<uint8_t> present;         ///< 1 per row that is not null; empty = all are there
  std::vector<int64_t> numbers;         ///< all numbers but decimals; of floats the bits, one NaN
  std::vector<Int128> wide_numbers;     ///< decimals
  std::vector<std::string_view> texts;  ///< strings, binaries, UUIDs, fixed
  bool all_null = false;                ///< void: nothing else is filled

  bool is_null(size_t row) const { return all_null || (!present.empty() && present[row] == 0); }
  Value ValueAt(size_t row) const;
};

/// `present`: rows that have the value at all, as in TransformedColumn (a struct around it may be
/// null). InvalidArgument as Transform::Apply.
Result<TransformedColumn> TransformColumn(const Transform& transform, const Type& source,
                                          const ColumnView& column,
                                          std::vector<uint8_t> present = {});

/// 1 for each row that is there by `present` and not null in the column; empty = all rows.
std::vector<uint8_t> PresentRows(std::vector<uint8_t> present, const ColumnView& column);

}  // namespace tarn::iceberg
