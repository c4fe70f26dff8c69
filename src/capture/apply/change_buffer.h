// SPDX-License-Identifier: Apache-2.0
// Changes of one table that wait to be committed: the last state of each row that changed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/column_builder.h"
#include "base/result.h"
#include "capture/apply/key_hash.h"
#include "capture/apply/table_layout.h"
#include "capture/source/pgoutput.h"

namespace tarn::capture {

/// A state of a row; one row of the buffer's values.
struct RowVersion {
  KeyHash key;
  int64_t row = 0;       ///< of ChangeBuffer::values
  bool latest = true;    ///< no later state of this key
  bool deleted = false;  ///< the source has no such row any more
  /// Fields whose values the stream left out, since they are those of the row that had the key
  /// `unchanged_of` before; -1: none. Index into ChangeBuffer::unchanged.
  int32_t unchanged = -1;
  KeyHash unchanged_of;
};

/// Folds as changes come: what waits is bounded by the rows that change, and by the values of their
/// later states, not by how often each does (dead states go when they are half of all). Used by one
/// thread. After an error the table's state is unknown to it: begin anew.
class ChangeBuffer {
 public:
  ChangeBuffer(std::shared_ptr<const TableLayout> layout, SipKey key);

  /// By column of the stream's Relation: the source's column, absent for one that is not
  /// replicated.
  using Columns = std::vector<std::optional<size_t>>;

  // REQUIRES: tuples of as many values as `columns`. InvalidArgument names the column of a value
  // that cannot be taken; Corruption for a change without its key.
  Result<> Insert(const pgoutput::Tuple& row, const Columns& columns);
  Result<> Update(const pgoutput::Update& update, const Columns& columns);
  Result<> Delete(const pgoutput::Tuple& old_row, const Columns& columns);
  /// Every row that is there goes, whoever made it.
  void Truncate();

  /// The table has other columns from now on; those that stay keep their fields and types.
  void Migrate(std::shared_ptr<const TableLayout> layout);
  void Clear();

  const TableLayout& layout() const { return *layout_; }
  bool empty() const { return versions_.empty() && !truncated_; }
  int64_t memory_bytes() const;

  std::span<const RowVersion> versions() const { return versions_; }
  /// One column per field of the destination.
  const BatchBuilder& values() const { return values_; }
  const std::vector<bool>& unchanged(int32_t index) const {
    return unchanged_[static_cast<size_t>(index)];
  }
  /// Rows without a version here went, too.
  bool truncated() const { return truncated_; }
  int64_t truncates() const { return truncates_; }
  /// Whether there is a state of this key here.
  bool Knows(const KeyHash& key) const { return latest_.contains(key); }
  KeyHasher hasher() const { return hasher_.Copy(); }

 private:
  Result<> AppendKey(const pgoutput::Tuple& row, const pgoutput::Tuple* old_row,
                     const Columns& columns);
  Result<> AppendValue(const pgoutput::TupleValue& value, size_t column);
  Result<KeyHash> HashOf(const pgoutput::Tuple& key_values, const Columns& columns);
  KeyHash HashRow(int64_t row);
  /// Completes the row that was begun: with what its columns had in rows of before them, else null.
  void FillRow(int64_t row);
  void Add(RowVersion version);
  /// Marks it as gone, with the values that are known of it.
  void AddDeleted(const KeyHash& key, int64_t key_row);
  RowVersion* LatestOf(const KeyHash& key);
  void DropDeadRows();

  std::shared_ptr<const TableLayout> layout_;
  SipKey sip_key_;
  KeyHasher hasher_;
  BatchBuilder values_;
  BatchBuilder scratch_;  ///< of the key's columns
  std::vector<RowVersion> versions_;
  std::vector<std::vector<bool>> unchanged_;
  std::unordered_map<KeyHash, size_t> latest_;  ///< index into versions_
  int64_t dead_rows_ = 0;
  bool truncated_ = false;
  int64_t truncates_ = 0;
};

}  // namespace tarn::capture
