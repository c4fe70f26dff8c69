// SPDX-License-Identifier: Apache-2.0
// What of a table's history a query reads. Plain values.
#pragma once

#include <optional>

#include "iceberg/model/ids.h"

namespace tarn::warehouse {

/// One of its states; absent: the empty one before its first snapshot.
struct TableVersion {
  std::optional<iceberg::SnapshotId> snapshot;
  bool operator==(const TableVersion&) const = default;
};

enum class ChangeInformation : uint8_t {
  kDefault,     ///< the net difference of two states
  kAppendOnly,  ///< rows that were inserted, whatever became of them
  kInsertOnly,  ///< rows of new files
};

/// The way from one of its states to another: with three more columns (change_columns.h).
struct TableChanges {
  TableVersion from, to;
  ChangeInformation information = ChangeInformation::kDefault;
};

}  // namespace tarn::warehouse
