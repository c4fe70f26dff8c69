// SPDX-License-Identifier: Apache-2.0
// Snapshots that somebody still reads, by name and with a lease: stored with the table, so that
// every process that expires or collects sees them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "iceberg/model/ids.h"
#include "storage/storage.h"

namespace tarn::table {

/// A plain value, stored as `<location>/metadata/tarn-pins/<name>.json`.
struct Pin {
  std::string name;  ///< letters, digits, `_`, `-`, `.`; unique in the table; says who pins
  iceberg::SnapshotId snapshot_id;
  /// After this time the pin counts no more and may be removed. Absent: until released. By the
  /// clock of the process that expires; leases are minutes, not seconds.
  std::optional<int64_t> expires_ms;
};

/// Makes or moves a pin, durably. Then checks that the snapshot is still there: NotFound when
/// expiry was faster, and the pin is gone. (Pin first, look second: expiry reads pins after it has
/// chosen what to expire and before it publishes.)
Result<> PutPin(storage::Storage& storage, std::string_view table_location,
                std::string_view current_metadata_location, const Pin& pin);

/// Succeeds where there is none.
Result<> RemovePin(storage::Storage& storage, std::string_view table_location,
                   std::string_view name);

/// Those whose lease has not run out at `now_ms`. One listing; a table without pins costs just
/// that, so it is asked for only when something is about to expire.
Result<std::vector<Pin>> ReadPins(storage::Storage& storage, std::string_view table_location,
                                  int64_t now_ms);

}  // namespace tarn::table
