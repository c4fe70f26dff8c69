// SPDX-License-Identifier: Apache-2.0
// AUTO_REFRESH of tables whose metadata others write, and the leases of what is shown.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "storage/location_watch.h"
#include "warehouse/session/account.h"

namespace tarn::warehouse {

/// Where it lies, and how often its folder is listed where nobody tells of new files.
struct FollowedTable {
  ObjectId id;
  std::string folder;  ///< of its metadata files, with a slash at the end
  int64_t interval_ms = 0;
};

/// Tables with AUTO_REFRESH = TRUE. Those of a catalog integration with REFRESH_INTERVAL_SECONDS
/// have its interval.
Result<std::vector<FollowedTable>> FollowedTables(const Snapshot& snapshot);

/// Pins anew what the account's tables show, so that it stays readable.
Result<> RenewPins(Account& account);

/// A thread that moves tables on. New files in local folders are noticed at once. Those of a table
/// that PostgreSQL writes appear before their transactions commit: a managed server is asked what
/// it committed; of another one, a file counts that has been there for kSettledMs, since those of
/// failed transactions go at once.
class TableFollower {
 public:
  /// The account outlives it.
  TableFollower(Account& account, std::unique_ptr<storage::LocationWatch> watch);
  ~TableFollower();
  TableFollower(const TableFollower&) = delete;
  TableFollower& operator=(const TableFollower&) = delete;

 private:
  void Run();
  /// Looks at what is due; when the next is.
  int64_t Round(int64_t now_ms);
  void Look(const FollowedTable& table, int64_t now_ms);

  Account& account_;
  /// Shared with the metastore's last call, which may come after the end.
  const std::shared_ptr<storage::LocationWatch> watch_;
  std::map<ObjectId, int64_t> due_ms_;
  int64_t renew_pins_ms_ = 0;
  std::atomic<bool> ending_ = false;
  int64_t subscription_ = 0;
  std::thread thread_;
};

inline constexpr int64_t kFollowIntervalMs = 30'000;
inline constexpr int64_t kSettledMs = 500;
/// How often a managed server is asked whether it has committed a metadata file that is there, and
/// for how long.
inline constexpr int64_t kCommitLookMs = 20;
inline constexpr int64_t kCommittingMs = 5000;

}  // namespace tarn::warehouse
