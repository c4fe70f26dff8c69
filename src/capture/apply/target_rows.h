// SPDX-License-Identifier: Apache-2.0
// Rows of the destination on their way into data files.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/column_builder.h"
#include "base/result.h"
#include "capture/apply/key_hash.h"
#include "capture/apply/table_layout.h"
#include "iceberg/commit/commit.h"
#include "table/row_writer.h"

namespace tarn::capture {

struct WrittenKeys;

enum class RowIds : uint8_t {
  kNew,   ///< every row gets its id by the commit
  kKept,  ///< rows may come with one
};

/// _row_id, as an optional column of files.
Field RowIdColumn();

/// Collects rows, value by value, and hands them on in batches. Used by one thread.
class TargetRows {
 public:
  /// The layout outlives it. `now_us`: for the columns that tell when.
  TargetRows(const TableLayout& layout, int64_t now_us);

  /// `context` and the base's metadata outlive it.
  Result<> Open(const table::TableContext& context, const table::Writer& writer,
                const iceberg::LoadedTable& base, RowIds row_ids, int32_t first_ordinal = 0);

  // --- One row after the other ---
  Result<> Copy(size_t field, const ColumnView& column, int64_t row);
  /// Ends the row: what has no value gets null, but for the connector's columns.
  Result<> End(const KeyHash& key, bool deleted, std::optional<int64_t> row_id);

  // --- Or whole batches, of the source's columns in their order ---
  Result<> Append(const BatchView& source, KeyHasher& hasher);

  Result<WrittenKeys> Finish();

 private:
  Result<> HandOn();

  const TableLayout& layout_;
  const int64_t now_us_;
  BatchBuilder rows_;
  ColumnBuilder row_ids_;
  ColumnBuilder sequence_numbers_;  ///< null throughout: the commit's
  RowIds kind_ = RowIds::kNew;
  std::vector<KeyHash> keys_;
  std::unique_ptr<table::RowWriter> writer_;
};

}  // namespace tarn::capture
