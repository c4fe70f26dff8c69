// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "iceberg/model/ids.h"

namespace tarn::iceberg {

/// A file of statistics about one snapshot, of the table or of its partitions (spec, "Table
/// Statistics", "Partition Statistics"). A plain value.
struct StatisticsFile {
  SnapshotId snapshot_id;
  std::string path;  ///< full location; several entries may name one file
  std::string json;  ///< the whole entry, so that blob types of other writers survive; "" = no more
  bool operator==(const StatisticsFile&) const = default;
};

}  // namespace tarn::iceberg
