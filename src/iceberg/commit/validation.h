// SPDX-License-Identifier: Apache-2.0
// Whether a change still fits a table that other commits have reached since its rows were read.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "iceberg/commit/change_set.h"
#include "iceberg/manifests/manifest_cache.h"
#include "iceberg/model/table_metadata.h"

namespace tarn::iceberg {

/// Snapshots from `head` (null: none) back to `start`, which is not among them; newest first. All
/// of them without a start. Conflict, naming the start, when it can't be reached: it expired, or is
/// no ancestor of the head.
Result<std::vector<const Snapshot*>> SnapshotsSince(const TableMetadata& table,
                                                    const Snapshot* head,
                                                    std::optional<SnapshotId> start);

/// What the format version of the table and the change set itself demand of deletes: they are all
/// described, in the form of that version, and not of files that the change set removes.
/// InvalidArgument; Conflict when the table was upgraded under a writer of position deletes.
Result<> CheckDeletes(const TableMetadata& table, const ChangeSet& changes);

/// Conflict, naming file and snapshot, when a snapshot of `head`'s history since
/// `changes.read_snapshot`
/// - removed a file that the change removes too, or that its deletes refer to (a compaction of it
///   counts), or with `removed_rows` or `no_new_deletes` beside it files with such rows;
/// - deleted rows of a data file that the change removes: not by equality where a rewrite keeps the
///   data sequence number, since those reach the new file as well;
/// - deleted rows, by position, of a data file of which the change does, too: of two deletes of one
///   row one must lose, and files are as far as that is looked at;
/// - deleted rows that match the filter, if `no_new_deletes`;
/// - added a data file that may hold rows of the filter, if `no_new_data`.
/// Compactions ("replace") add no rows and delete none. Reads the lists of those snapshots and the
/// manifests that they added; nothing at all for changes that depend on no row, or on the head.
Result<> ValidateChanges(ManifestCache& cache, const TableMetadata& table, const Snapshot* head,
                         const ChangeSet& changes);

}  // namespace tarn::iceberg
