// SPDX-License-Identifier: Apache-2.0
#include "warehouse/lake_tables/table_follower.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>

#include "table/table_cache.h"
#include "warehouse/lake_tables/external_table.h"
#include "warehouse/lake_tables/foreign_metadata.h"
#include "warehouse/metastore/table_pointers.h"

namespace tarn::warehouse {
namespace {

constexpr int64_t kMsPerSecond = 1000;
constexpr int64_t kRenewMs = int64_t{24} * 60 * 60 * 1000;
constexpr const char* kExternal = "WHERE k.kind = 'UNMANAGED' AND o.dropped_ms IS NULL";

Result<int64_t> IntervalOf(const Snapshot& snapshot, const Table& table) {
  if (!table.catalog) return kFollowIntervalMs;
  TARN_ASSIGN(const auto catalog, snapshot.Find<CatalogIntegration>(*table.catalog));
  if (!catalog || !catalog->refresh_interval_seconds) return kFollowIntervalMs;
  return *catalog->refresh_interval_seconds * kMsPerSecond;
}

}  // namespace

Result<std::vector<FollowedTable>> FollowedTables(const Snapshot& snapshot) {
  TARN_ASSIGN(const auto tables, snapshot.Objects<Table>(kExternal));
  std::vector<FollowedTable> followed;
  for (const Object<Table>& table : tables) {
    if (!table.value.auto_refresh) continue;
    TARN_ASSIGN(const bool alive, snapshot.IsAlive(table.head.id));
    TARN_ASSIGN(const auto pointer, FindPointer(snapshot, table.head.id));
    if (!alive || !pointer) continue;
    const std::string& location = pointer->metadata_location;
    TARN_ASSIGN(const int64_t interval_ms, IntervalOf(snapshot, table.value));
    followed.push_back({.id = table.head.id,
                        .folder = location.substr(0, location.rfind('/') + 1),
                        .interval_ms = interval_ms});
  }
  return followed;
}

Result<> RenewPins(Account& account) {
  struct Shown {
    ObjectId id;
    std::string metadata_location;
    std::shared_ptr<const StorageArea> area;
  };
  std::vector<Shown> shown;
  {
    TARN_ASSIGN(const auto snapshot, account.metastore().Read());
    TARN_ASSIGN(const auto tables, snapshot->Objects<Table>(kExternal));
    for (const Object<Table>& table : tables) {
      TARN_ASSIGN(const auto pointer, FindPointer(*snapshot, table.head.id));
      auto area = AreaOfTable(*snapshot, table.value);
      if (pointer && area) {
        shown.push_back({table.head.id, pointer->metadata_location, *std::move(area)});
      }
    }
  }
  const int64_t until_ms = account.clock().NowMs() + kPinLeaseMs;
  for (const Shown& table : shown) {
    const auto loaded = account.tables().tables->Load(table.metadata_location);
    if (!loaded) continue;  // whoever reads it is told
    const auto pinned = PinShown(account.tables(), *table.area, table.id, *loaded, until_ms);
    if (!pinned) spdlog::warn("could not pin a table: {}", pinned.error().error.message);
  }
  return {};
}

TableFollower::TableFollower(Account& account, std::unique_ptr<storage::LocationWatch> watch)
    : account_(account),
      watch_(std::move(watch)),
      subscription_(
          account.metastore().Subscribe([watch = watch_](int64_t) { watch->Interrupt(); })),
      thread_([this] { Run(); }) {}

TableFollower::~TableFollower() {
  account_.metastore().Unsubscribe(subscription_);
  ending_ = true;
  watch_->Interrupt();
  thread_.join();
}

void TableFollower::Run() {
  std::vector<std::string> changed;
  while (!ending_) {
    const int64_t now_ms = account_.clock().NowMs();
    const int64_t next_ms = Round(now_ms);
    changed = watch_->Wait(std::chrono::milliseconds(std::max<int64_t>(next_ms - now_ms, 0)));
    if (changed.empty()) continue;
    const auto snapshot = account_.metastore().Read();
    if (!snapshot) continue;
    const auto tables = FollowedTables(**snapshot);
    for (const FollowedTable& table : tables.value_or(std::vector<FollowedTable>())) {
      if (std::ranges::find(changed, table.folder) != changed.end()) due_ms_[table.id] = 0;
    }
  }
}

int64_t TableFollower::Round(int64_t now_ms) {
  if (now_ms >= renew_pins_ms_) {
    renew_pins_ms_ = now_ms + kRenewMs;
    if (const auto renewed = RenewPins(account_); !renewed) {
      spdlog::warn("could not renew pins: {}", renewed.error().message);
    }
  }
  std::vector<FollowedTable> tables;
  {
    const auto snapshot = account_.metastore().Read();
    if (!snapshot) return now_ms + kFollowIntervalMs;
    tables = FollowedTables(**snapshot).value_or(std::vector<FollowedTable>());
  }
  std::set<ObjectId> ids;
  std::vector<std::string> folders;
  for (const FollowedTable& table : tables) {
    ids.insert(table.id);
    folders.push_back(table.folder);
  }
  std::erase_if(due_ms_, [&](const auto& entry) { return !ids.contains(entry.first); });
  watch_->Watch(folders);  // before the look, so that nothing comes in between
  int64_t next_ms = renew_pins_ms_;
  for (const FollowedTable& table : tables) {
    if (due_ms_[table.id] <= now_ms && !ending_) Look(table, now_ms);
    next_ms = std::min(next_ms, due_ms_[table.id]);
  }
  return next_ms;
}

void TableFollower::Look(const FollowedTable& table, int64_t now_ms) {
  const auto followed = FollowNewest(account_, table.id, now_ms);
  if (!followed) {
    spdlog::warn("could not refresh a table: {}", followed.error().error.message);
  }
  const auto again_ms = followed ? followed->again_after_ms : std::nullopt;
  due_ms_[table.id] = now_ms + again_ms.value_or(table.interval_ms);
}

}  // namespace tarn::warehouse
