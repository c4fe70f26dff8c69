// SPDX-License-Identifier: Apache-2.0
// Which tables compaction should look at, and what became of those that it took up. Known from the
// commits that pass through this engine, so a table that nobody writes to costs nothing. In memory:
// after a restart every database is looked at once (docs/operate/compaction.md).
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "iceberg/model/ids.h"
#include "lake/wire_maintenance.h"

namespace tarn::lake {

struct TableKey {
  uint32_t database_oid = 0;
  uint32_t table_oid = 0;
  auto operator<=>(const TableKey&) const = default;
};

/// What a look at a table needs of earlier ones.
struct CompactionLook {
  CompactionPass pass = CompactionPass::kSteady;
  /// The snapshot of the last look of this kind, which found nothing to do.
  std::optional<iceberg::SnapshotId> planned_at;
};

/// Thread-safe. Times are NowMs().
class CompactionBoard {
 public:
  /// Somebody has written to the table.
  void Written(const TableKey& table, int64_t now_ms);
  /// It is no more, or not to be compacted.
  void Forget(const TableKey& table);
  void ForgetDatabase(uint32_t database_oid);

  /// Tables of one database, or of all (0), that are to be looked at now, by database. A table in
  /// which commits follow one another is looked at every `nap_ms`, or when many came; once more
  /// when they have ceased, and then when its snapshots are old enough to expire.
  std::vector<DueDatabase> Due(uint32_t database_oid, int64_t nap_ms, int64_t now_ms) const;

  CompactionLook LookAt(const TableKey& table, int64_t now_ms) const;
  /// There was nothing to do. `expires_ms`: when snapshots of it come of age; 0: none will.
  void FoundNothing(const TableKey& table, const CompactionLook& look,
                    std::optional<iceberg::SnapshotId> snapshot, int64_t expires_ms,
                    int64_t now_ms);

  void Began(const TableKey& table, int32_t backend_pid, int64_t input_files, int64_t input_bytes,
             int64_t now_ms);
  void Progressed(const TableKey& table, int64_t done_bytes);
  /// Its transaction ended. What failed is tried again after a pause that doubles each time.
  void Ended(const TableKey& table, bool committed, const RewriteOutcome& outcome, int64_t nap_ms,
             int64_t now_ms);

  /// Of one database.
  std::vector<CompactionState> States(uint32_t database_oid) const;

 private:
  struct Entry {
    int64_t commits = 0;  ///< since the last look
    int64_t last_commit_ms = 0;
    int64_t looked_ms = 0;
    bool settled = true;        ///< looked at since the commits ceased
    int64_t expires_ms = 0;     ///< 0: nothing will
    int64_t not_before_ms = 0;  ///< after failures
    int32_t failures = 0;       ///< in a row
    std::optional<iceberg::SnapshotId> planned_at;
    CompactionState shown;
  };
  static bool IsDue(const Entry& entry, int64_t nap_ms, int64_t now_ms);

  mutable std::mutex mutex_;
  std::map<TableKey, Entry> tables_;
};

}  // namespace tarn::lake
