// SPDX-License-Identifier: Apache-2.0
// Small files of the tables that the warehouse writes become larger ones by themselves
// (docs/internals/tables.md, "Compaction").
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>

#include "iceberg/model/snapshot.h"
#include "table/maintenance/rewrite_data_files.h"
#include "table/writer.h"
#include "warehouse/metastore/snapshot.h"
#include "warehouse/session/account.h"

namespace tarn::warehouse {

/// Of tables without ENABLE_DATA_COMPACTION = FALSE. Used by one thread.
class TableCompaction {
 public:
  /// Both outlive it. `ending`: what is under way is given up.
  TableCompaction(Account& account, const std::atomic<bool>& ending)
      : account_(account), ending_(ending) {}

  /// Looks at the tables that were published to since the round before, the first time at all, and
  /// rewrites some groups of files of each, each in a commit of its own: what is written again
  /// grows several times, until nobody has written for kQuietMs; then whatever is small. Loses to
  /// whoever changed the rows meanwhile, and tries again in a later round. What fails of a table is
  /// logged.
  Result<> Round();

  static constexpr int64_t kQuietMs = 10'000;

 private:
  struct Look {
    std::optional<iceberg::SnapshotId> planned_at;  ///< nothing was worth it there
    int32_t failures = 0;                           ///< one after the other
    int64_t not_before_ms = 0;
  };
  struct Found;

  Result<> FindPublished(const Snapshot& snapshot, int64_t began_ms);
  /// Absent: it is gone, or not to be compacted.
  Result<std::optional<Found>> Find(const Snapshot& snapshot, ObjectId table) const;
  Result<> LookAt(ObjectId table, Look& look, bool& settled);
  /// Whether nothing is left to do.
  Result<bool> Compact(const Found& found, Look& look);
  Result<> Rewrite(const Found& found, const table::Writer& writer,
                   const table::RewriteGroup& group, const table::RewriteDataFilesOptions& options,
                   bool lock_first);
  Result<> RewriteGroup(const Found& found, const table::RewriteGroup& group,
                        const table::RewriteDataFilesOptions& options, bool lock_first);
  Result<> Lock(const table::Writer& writer, ObjectId table);
  Result<> Publish(const Found& found, const table::Writer& writer, table::PreparedRewrite rewrite);

  Account& account_;
  const std::atomic<bool>& ending_;
  int64_t published_since_ms_ = 0;
  std::map<ObjectId, Look> tables_;
};

}  // namespace tarn::warehouse
