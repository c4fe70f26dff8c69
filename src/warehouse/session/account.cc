// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/account.h"

#include <spdlog/spdlog.h>

#include <filesystem>

#include "storage/routed_storage.h"
#include "table/resolution.h"
#include "warehouse/connector/capture_board.h"
#include "warehouse/connector/connector.h"
#include "warehouse/connector/installation.h"
#include "warehouse/dynamic/refresh_runner.h"
#include "warehouse/instances/instance_manager.h"
#include "warehouse/lake_tables/table_follower.h"
#include "warehouse/maintenance/table_compaction.h"
#include "warehouse/metastore/parameters.h"
#include "warehouse/retention/purge.h"
#include "warehouse/scheduler/scheduler.h"
#include "warehouse/scheduler/task_runner.h"
#include "warehouse/session/session_factory.h"
#include "warehouse/session/statement_timer.h"
#include "warehouse/session/temporary_objects.h"
#include "warehouse/stages/stage_removal.h"
#include "warehouse/streams/stream_pins.h"
#include "warehouse/volumes/compatible_stores.h"

namespace tarn::warehouse {
namespace {

constexpr int64_t kManifestCacheBytes = int64_t{64} << 20;
constexpr int64_t kTaskRoundMs = 1000;
/// The shortest lag is a second.
constexpr int64_t kRefreshRoundMs = 200;
constexpr int64_t kPurgeRoundMs = 60'000;
constexpr const char* kCompactionJob = "compaction";
constexpr int64_t kCompactionRoundMs = 5'000;
/// Time travel reaches as far back by default, where there are no more than the policy's count.
constexpr int64_t kSnapshotAgeMs = kRetentionDaysDefault * 24 * 60 * 60 * 1000;
constexpr int64_t kTableCacheBytes = int64_t{64} << 20;

Result<std::string> MakeDirectory(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  const std::filesystem::path whole = std::filesystem::canonical(directory, error);
  if (error) {
    return Fail(ErrorKind::kUnavailable, "could not make directory \"{}\": {}", directory,
                error.message());
  }
  return whole.string();
}

Result<std::unique_ptr<storage::Storage>> OpenStorage(const storage::LocalStorageOptions& places,
                                                      Metastore& metastore) {
  TARN_ASSIGN(std::unique_ptr<storage::Storage> opened, storage::OpenConfiguredStorage(places));
  TARN_TRY(UseCompatibleVolumes(metastore, *opened));
  return opened;
}

}  // namespace

Result<std::unique_ptr<Account>> Account::Open(const AccountOptions& options) {
  std::unique_ptr<Account> account(new Account(options));
  if (account->options_.clock == nullptr) account->options_.clock = &account->system_clock_;
  TARN_TRY(account->OpenParts());
  return account;
}

Account::Account(const AccountOptions& options)
    : options_(options),
      statement_timer_(std::make_unique<StatementTimer>()),
      captures_(std::make_unique<CaptureBoard>()) {}

Account::~Account() {
  ending_ = true;
  connector_.reset();
  if (task_runner_ != nullptr) task_runner_->Interrupt();
  if (refresh_runner_ != nullptr) refresh_runner_->Interrupt();
  // Statements of its jobs use the timer.
  scheduler_.reset();
  if (refresh_runner_ != nullptr) refresh_runner_->Stop();
}

Result<> Account::OpenParts() {
  TARN_ASSIGN(const std::string directory, MakeDirectory(options_.directory));
  TARN_ASSIGN(const std::string tables, MakeDirectory(directory + "/tables"));
  TARN_ASSIGN(metastore_,
              Metastore::Open({.path = directory + "/metastore.db", .clock = options_.clock}));
  TARN_ASSIGN(const std::string stages, MakeDirectory(directory + "/stages"));
  const std::string& buckets = options_.buckets_directory;
  TARN_ASSIGN(const std::string bucket_root,
              MakeDirectory(buckets.empty() ? directory + "/buckets" : buckets));
  tables_location_ = "file://" + tables;
  stages_location_ = "file://" + stages;
  std::vector<std::string> allowed = options_.allowed_locations;
  allowed.insert(allowed.end(), {tables_location_ + "/", stages_location_ + "/"});
  const storage::LocalStorageOptions places{.buckets_directory = bucket_root,
                                            .allowed_prefixes = std::move(allowed),
                                            .lake_register = ""};
  TARN_ASSIGN(storage_, OpenStorage(places, *metastore_));
  TARN_ASSIGN(engine_, engine::Engine::Open({.storage = storage_.get(),
                                             .memory_limit_bytes = options_.memory_limit_bytes,
                                             .threads = options_.threads,
                                             .spill_directory = directory + "/spill"}));
  memory_ = std::make_unique<MemoryBudget>(options_.memory_limit_bytes);
  manifests_ = std::make_unique<iceberg::ManifestCache>(storage_.get(), kManifestCacheBytes);
  table_cache_ = std::make_unique<table::TableCache>(storage_.get(), kTableCacheBytes);
  TARN_ASSIGN(journal_, table::Journal::Open(directory + "/journal"));
  context_ = {.storage = storage_.get(),
              .engine = engine_.get(),
              .manifests = manifests_.get(),
              .tables = table_cache_.get(),
              .journal = journal_.get(),
              .memory = memory_.get()};
  context_.policy.max_snapshot_age_ms = kSnapshotAgeMs;
  writers_ = std::make_unique<WarehouseWriters>(metastore_.get());
  history_ = std::make_unique<QueryHistory>(metastore_.get());
  SettleWriters();  // of an earlier process
  if (const auto repaired = RepairStreamPins(*this); !repaired) {
    spdlog::warn("could not pin what streams read: {}", repaired.error().message);
  }
  sessions_ = MakeSessionFactory(*this, options_.sessions_max);
  if (const auto dropped = DropAbandonedObjects(*this); !dropped) {
    spdlog::warn("could not drop temporary objects: {}", dropped.error().message);
  }
  if (const auto removed = RemoveFilesOfDroppedStages(*this); !removed) {
    spdlog::warn("could not remove files of dropped stages: {}", removed.error().message);
  }
  if (options_.instances != nullptr) {
    instances_ = std::make_unique<InstanceManager>(metastore_.get(), options_.instances);
  }
  if (options_.connector != nullptr) {
    TARN_TRY(InstallPendingApplications(*metastore_));
    TARN_TRY(CompleteApplications(*metastore_));
    connector_ = std::make_unique<Connector>(*this, *options_.connector);
    options_.connector = nullptr;
  }
  task_runner_ = std::make_unique<TaskRunner>(*this);
  refresh_runner_ = std::make_unique<RefreshRunner>(*this);
  scheduler_ = std::make_unique<Scheduler>();
  if (options_.scheduler) {
    scheduler_->Every(kPurgeJob, kPurgeRoundMs, [this] {
      return PurgeDroppedObjects(*this, [this]() -> Result<> {
        if (ending_) return Fail(ErrorKind::kCancelled, "the account is being closed");
        return {};
      });
    });
    scheduler_->Every(kCompactionJob, kCompactionRoundMs,
                      [compaction = std::make_shared<TableCompaction>(*this, ending_)] {
                        return compaction->Round();
                      });
    TARN_TRY(task_runner_->Recover());
    scheduler_->Every("tasks", kTaskRoundMs, [this] { return task_runner_->Round(); });
    TARN_TRY(refresh_runner_->Recover());
    scheduler_->Every("dynamic tables", kRefreshRoundMs,
                      [this] { return refresh_runner_->Begin(); });
  }
  if (!options_.follows_tables) return {};
  TARN_ASSIGN(auto watch, storage::OpenLocalWatch(places));
  follower_ = std::make_unique<TableFollower>(*this, std::move(watch));
  return {};
}

void Account::SettleWriters() {
  const std::lock_guard lock(settling_);
  const auto settled = table::SettleWriters(context_, *writers_, []() -> Result<> { return {}; });
  // None of a client's business: it is tried again with the next one.
  if (!settled) spdlog::warn("could not settle writers: {}", settled.error().message);
}

}  // namespace tarn::warehouse
