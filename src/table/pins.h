// SPDX-License-Identifier: Apache-2.0
// Snapshots that somebody still reads, by name and with a lease: stored with the table, so that
// every process that expires or collects sees them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "iceberg/commit/commit.h"
#include "iceberg/model/ids.h"
#include "storage/storage.h"

namespace tarn::table {

/// A plain value, stored as `<location>/metadata/tarn-pins/<name>.json`.
struct Pin {
  std::string name;  ///< letters, digits, `_`, `-`, `.`; unique in the table; says who pins
  iceberg::SnapshotId snapshot_id;
  /// A metadata file that holds the snapshot; it is kept with it, so that the reader may go on in
  /// it.
  std::string metadata_location;
  /// After this time the pin counts no more and may be removed. Absent: until released. By the
  /// clock of the process that expires; leases are minutes, not seconds.
  std::optional<int64_t> expires_ms = std::nullopt;
  /// Set: the snapshot's sequence number, and those of later ones stay in the metadata, too, for
  /// whoever reads what each of them did.
  std::optional<int64_t> and_later_than = std::nullopt;
};

/// The table's newest metadata location, read anew.
using NewestMetadata = std::function<Result<std::string>()>;

/// Makes or moves a pin, durably, and looks afterwards whether `newest` metadata still holds the
/// snapshot: NotFound when expiry was faster, and the pin is gone. From success on until the pin
/// ends, no file that the snapshot reaches is deleted, whatever expires meanwhile: a collection
/// decides first what is due and reads the pins second, and what the newest metadata held at the
/// time of the look can only have become due later. InvalidArgument for a name that is none.
Result<> PutPin(storage::Storage& storage, std::string_view table_location, const Pin& pin,
                const NewestMetadata& newest);

/// Succeeds where there is none.
Result<> RemovePin(storage::Storage& storage, std::string_view table_location,
                   std::string_view name);

/// Those whose lease has not run out at `now_ms`. One listing; a table without pins costs just
/// that, so it is asked for only when something is about to expire. A pin that can't be read is an
/// error: it counts.
Result<std::vector<Pin>> ReadPins(storage::Storage& storage, std::string_view table_location,
                                  int64_t now_ms);

/// For iceberg::CommitPolicy::is_pinned: pinned snapshots stay in the metadata, too, as far as the
/// pins are known, which are read anew after some seconds. (Their files are safe either way.)
/// Thread-safe.
class PinnedSnapshots {
 public:
  explicit PinnedSnapshots(storage::Storage* storage) : storage_(storage) {}
  /// Of one table, for one commit. Reads at the first question; while the pins can't be read,
  /// everything is pinned.
  iceberg::IsPinned Of(std::string table_location, int64_t now_ms);
  /// The same of snapshots that the metadata has: by this, those later than a pin end with it.
  iceberg::IsPinned Of(std::shared_ptr<const iceberg::TableMetadata> metadata, int64_t now_ms);

 private:
  struct Known {
    int64_t read_ms = 0;
    bool readable = false;
    std::vector<iceberg::SnapshotId> snapshots;
    std::optional<int64_t> and_later_than;  ///< of all pins the lowest
  };
  Known Look(const std::string& table_location, int64_t now_ms);
  static bool Holds(const Known& known, iceberg::SnapshotId id);

  storage::Storage* const storage_;
  std::mutex mutex_;
  std::map<std::string, Known> known_;
};

}  // namespace tarn::table
