// SPDX-License-Identifier: Apache-2.0
// The account of one directory, opened: everything that its sessions share.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/memory_budget.h"
#include "engine/engine.h"
#include "iceberg/manifests/manifest_cache.h"
#include "storage/storage.h"
#include "table/journal.h"
#include "table/table_cache.h"
#include "table/table_context.h"
#include "warehouse/metastore/metastore.h"
#include "warehouse/metastore/query_history.h"
#include "warehouse/metastore/table_publisher.h"
#include "warehouse/session.h"
#include "warehouse/session/table_locks.h"

namespace tarn::provision {
class Instances;
}

namespace tarn::warehouse {

class CaptureBoard;
class Connector;
class InstanceManager;
struct ConnectorOptions;

struct AccountOptions {
  /// Made where it is missing. `metastore.db`, `journal/`, `spill/`, `stages/` and, unless a volume
  /// says otherwise, `tables/` are in it.
  std::string directory;
  /// Where buckets without an endpoint lie; "" = `buckets/` in the directory.
  std::string buckets_directory;
  /// Further directories ("file:///srv/lake/") in which tables may lie.
  std::vector<std::string> allowed_locations;
  const Clock* clock = nullptr;  ///< outlives the account; null: the machine's
  /// Of the engine's queries, and as much again of what sessions hold beside them (staged files,
  /// rows on their way into tables).
  int64_t memory_limit_bytes = int64_t{1} << 30;
  int32_t threads = 0;  ///< of queries; 0 = cores of the machine
  int32_t sessions_max = 200;
  /// The servers of POSTGRES INSTANCE; outlives the account. Null: such statements are refused.
  provision::Instances* instances = nullptr;
  /// Whether tables with AUTO_REFRESH follow their files by themselves.
  bool follows_tables = false;
  /// Set: the account gets its applications, and what the connector is asked for is replicated.
  const ConnectorOptions* connector = nullptr;
  /// Whether tasks run by themselves, and what was dropped goes when its retention is over.
  bool scheduler = false;
};

/// Of the scheduler: deletes what was dropped for good.
inline constexpr const char* kPurgeJob = "purge";

class RefreshRunner;
class Scheduler;
class StatementTimer;
class TableFollower;
class TaskRunner;

/// Thread-safe; outlives its sessions. One process has a directory open at a time.
class Account {
 public:
  /// Fails as Metastore::Open, Journal::Open and Engine::Open do. Files of statements that an
  /// earlier process did not finish are settled first.
  static Result<std::unique_ptr<Account>> Open(const AccountOptions& options);
  virtual ~Account();

  Metastore& metastore() { return *metastore_; }
  const table::TableContext& tables() const { return context_; }
  WarehouseWriters& writers() { return *writers_; }
  QueryHistory& history() { return *history_; }
  TableLocks& table_locks() { return table_locks_; }
  const Clock& clock() const { return *options_.clock; }
  /// "file:///…/tables", where tables without a volume lie.
  const std::string& tables_location() const { return tables_location_; }
  /// "file:///…/stages", where files of internal stages lie.
  const std::string& stages_location() const { return stages_location_; }
  /// Removes what ended writers left over, as far as that can be done now.
  void SettleWriters();
  /// Null where no servers are managed.
  InstanceManager* instances() { return instances_.get(); }
  /// Where protocols get sessions of it.
  SessionFactory& sessions() { return *sessions_; }
  /// Where background work is registered.
  Scheduler& scheduler() { return *scheduler_; }
  /// How captures fare; empty where nobody replicates.
  CaptureBoard& captures() { return *captures_; }
  /// What limits the time of statements.
  StatementTimer& statement_timer() { return *statement_timer_; }
  /// For whoever runs tasks at moments of its own; nobody else does unless the options say so.
  TaskRunner& tasks_runner() { return *task_runner_; }
  /// The same of dynamic tables.
  RefreshRunner& refresh_runner() { return *refresh_runner_; }

 private:
  explicit Account(const AccountOptions& options);
  Result<> OpenParts();

  AccountOptions options_;
  SystemClock system_clock_;
  std::atomic<bool> ending_ = false;
  std::string tables_location_, stages_location_;
  std::unique_ptr<storage::Storage> storage_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<MemoryBudget> memory_;  ///< of what is held beside the engine's queries
  std::unique_ptr<iceberg::ManifestCache> manifests_;
  std::unique_ptr<table::TableCache> table_cache_;
  std::unique_ptr<table::Journal> journal_;
  table::TableContext context_;
  std::unique_ptr<Metastore> metastore_;
  std::unique_ptr<WarehouseWriters> writers_;
  std::unique_ptr<QueryHistory> history_;
  std::mutex settling_;  ///< one at a time
  std::unique_ptr<SessionFactory> sessions_;
  std::unique_ptr<InstanceManager> instances_;
  std::unique_ptr<TableFollower> follower_;  ///< null: nobody follows
  std::unique_ptr<TaskRunner> task_runner_;
  std::unique_ptr<RefreshRunner> refresh_runner_;
  std::unique_ptr<Scheduler> scheduler_;  ///< its jobs use all of the above
  TableLocks table_locks_;
  std::unique_ptr<StatementTimer> statement_timer_;
  std::unique_ptr<CaptureBoard> captures_;
  std::unique_ptr<Connector> connector_;  ///< null: nobody replicates
};

}  // namespace tarn::warehouse
