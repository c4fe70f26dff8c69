// SPDX-License-Identifier: Apache-2.0
// Rows of the destination by their places.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "capture/apply/key_hash.h"
#include "capture/apply/key_index.h"
#include "capture/apply/table_layout.h"
#include "iceberg/plan/scan_plan.h"
#include "table/table_context.h"

namespace tarn::capture {

/// Rows that were read, by their keys. Used by one thread.
class FoundRows {
 public:
  /// A value of a row of it: absent where the field was not asked for or the key is not there.
  struct Cell {
    const ColumnView* column = nullptr;
    int64_t row = 0;
  };
  std::optional<Cell> Find(const KeyHash& key, size_t field) const;
  bool Has(const KeyHash& key) const { return rows_.contains(key); }
  /// Null where the row has none.
  std::optional<int64_t> RowIdOf(const KeyHash& key) const;

 private:
  friend class RowLookup;
  struct Place {
    size_t batch = 0;
    int64_t row = 0;
  };
  std::deque<std::vector<uint8_t>> bytes_;
  std::deque<BatchView> batches_;
  std::vector<std::optional<size_t>> column_of_;  ///< by field
  size_t row_id_column_ = 0;
  std::unordered_map<KeyHash, Place> rows_;
};

/// Of one state of a table.
class RowLookup {
 public:
  /// All outlive it.
  RowLookup(const table::TableContext& context, const TableLayout& layout,
            const iceberg::ScanPlan& plan, const KeyIndex& index)
      : context_(context), layout_(layout), plan_(plan), index_(index) {}

  /// These fields of the rows at these places, and their row ids. Corruption where a place is in no
  /// file of the plan, or a row is missing.
  Result<FoundRows> Find(std::span<const RowPlace> places, std::span<const size_t> fields,
                         KeyHasher hasher) const;

 private:
  const table::TableContext& context_;
  const TableLayout& layout_;
  const iceberg::ScanPlan& plan_;
  const KeyIndex& index_;
};

}  // namespace tarn::capture
