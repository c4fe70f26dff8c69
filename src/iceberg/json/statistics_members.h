// SPDX-License-Identifier: Apache-2.0
// Statistics files that metadata names. Their entries are kept as JSON text, whole, so that blob
// types of other writers survive (spec, "Table Statistics", "Partition Statistics").
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "iceberg/model/table_metadata.h"

namespace tarn::iceberg {

/// Locations of all statistics files, of the table and of its partitions.
std::vector<std::string> StatisticsFiles(const TableMetadata& metadata);

/// Drops the entries of these snapshots; returns their files.
std::vector<std::string> RemoveStatistics(TableMetadata& metadata,
                                          const std::unordered_set<SnapshotId>& snapshots);

}  // namespace tarn::iceberg
