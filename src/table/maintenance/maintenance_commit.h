// SPDX-License-Identifier: Apache-2.0
// How maintenance commits: in the name of a journalled writer, whose end is told to whoever asks.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "iceberg/commit/commit.h"
#include "table/commit.h"
#include "table/maintenance/maintenance.h"

namespace tarn::table {

/// The newest state. NotFound where there is no such table.
Result<iceberg::LoadedTable> LoadNewest(const MaintenanceTarget& target);

/// Of the pin that holds what a process reads while it maintains: `maintain-<node>-<lease>`. Where
/// the journal is this process's, other leases of its node have died.
std::string MaintenancePin(const MaintenanceTarget& target);

/// One writer, from before its first file until its end is known. Used by one thread.
class MaintenanceWriter {
 public:
  /// Journals a new writer of the lease for the table's location.
  static Result<MaintenanceWriter> Begin(const MaintenanceTarget& target,
                                         const iceberg::LoadedTable& base);

  const Writer& writer() const { return writer_; }

  struct Committed {
    iceberg::LoadedTable table;
    int64_t expired_snapshots = 0;
  };
  /// As CommitTables, with what the commit dereferences journalled. After any failure but an
  /// unknown outcome the writer's files are gone, `written` first of all.
  Result<Committed> Commit(TableChange change, std::vector<std::string> written,
                           const CommitOptions& options = {});
  /// Nothing will be committed: removes what it wrote.
  void Abandon();

 private:
  MaintenanceWriter(const MaintenanceTarget& target, const iceberg::LoadedTable& base,
                    std::string holder)
      : target_(&target),
        location_(base.metadata->location),
        holder_(std::move(holder)),
        writer_(target.lease->NewWriter()) {}

  const MaintenanceTarget* target_;
  std::string location_;
  std::string holder_;
  Writer writer_;
};

}  // namespace tarn::table
