// SPDX-License-Identifier: Apache-2.0
// What new metadata remembers of the old: which snapshots were current when, which files came
// before.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "iceberg/model/table_metadata.h"

namespace tarn::iceberg {

/// Entries of the snapshot log from `old_entries` on, and the last update, come after what is
/// before them, give or take a minute between clocks: InvalidArgument.
Result<> CheckNewLogEntries(const TableMetadata& metadata, size_t old_entries);

/// Takes out of the snapshot log what was never current for a reader: snapshots that were
/// `added_and_set_as_main` by the updates and are not the current one. After removals, an entry
/// whose snapshot is gone takes every older one with it: a log with a hole would tell wrong states
/// for times in between. InvalidArgument when it then ends with another than the current snapshot.
Result<> CloseSnapshotLog(TableMetadata& metadata,
                          const std::vector<SnapshotId>& added_and_set_as_main,
                          bool snapshots_were_removed);

/// Adds the file of `base` (unless empty: never written) to the metadata log and cuts it to
/// write.metadata.previous-versions-max of the new properties, else to `default_max`; the newest
/// stays always. Returns the files cut off.
std::vector<std::string> LogPreviousMetadata(TableMetadata& metadata, const TableMetadata& base,
                                             std::string_view base_metadata_location,
                                             int64_t default_max);

/// Locations of statistics files that `before` names and `after` does not.
std::vector<std::string> StatisticsFilesOnlyIn(const TableMetadata& before,
                                               const TableMetadata& after);

}  // namespace tarn::iceberg
