// SPDX-License-Identifier: Apache-2.0
#include "cli/maintained_table.h"

#include <fmt/core.h>

#include <cstdlib>
#include <filesystem>
#include <limits>

#include "base/clock.h"
#include "catalog/directory_catalog.h"
#include "iceberg/fsck/fsck.h"
#include "table/ownership.h"

namespace tarn::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kManifestCacheBytes = size_t{256} << 20;
constexpr size_t kTableCacheBytes = size_t{64} << 20;
constexpr int64_t kDefaultSnapshotAgeMs = int64_t{5} * 24 * 60 * 60 * 1000;
constexpr const char* kVacuumHint =
    "PostgreSQL maintains its lake tables itself: VACUUM does it at once.";

/// Only what the table's properties say expires, and no metadata file goes by itself.
iceberg::CommitPolicy KeepingPolicy() {
  iceberg::CommitPolicy policy;
  policy.min_snapshots_to_keep = policy.max_snapshots_to_keep = std::numeric_limits<int64_t>::max();
  policy.max_snapshot_age_ms = std::numeric_limits<int64_t>::max();
  policy.delete_dropped_metadata = false;
  return policy;
}

/// Iceberg's defaults (history.expire.*).
iceberg::CommitPolicy ExpiringPolicy() {
  iceberg::CommitPolicy policy = KeepingPolicy();
  policy.min_snapshots_to_keep = 1;
  policy.max_snapshot_age_ms = kDefaultSnapshotAgeMs;
  return policy;
}

/// Of the table, where a file of its metadata was named.
std::string DirectoryOf(std::string location) {
  if (iceberg::IsMetadataFile(location)) {
    location.resize(location.rfind('/'));
    location.resize(location.rfind('/') == std::string::npos ? 0 : location.rfind('/'));
  }
  while (location.ends_with('/')) location.pop_back();
  return location;
}

Result<> CheckNotPostgres(storage::Storage& storage, const std::string& location) {
  const auto owner = table::ReadOwner(storage, location);
  if (!owner && owner.error().kind == ErrorKind::kNotFound) return {};
  TARN_TRY(owner);
  return std::unexpected(
      Error{ErrorKind::kPermissionDenied,
            fmt::format("table \"{}\" belongs to {}{}{}", location, owner->holder,
                        owner->about.empty() ? "" : " of ", owner->about),
            {},
            kVacuumHint});
}

Result<fs::path> StateDirectory(const std::string& asked) {
  if (!asked.empty()) return fs::absolute(asked).lexically_normal();
  // NOLINTBEGIN(concurrency-mt-unsafe): before any thread
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state != '\0') {
    return fs::path(state) / "tarn" / "maintain";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    return fs::path(home) / ".local" / "state" / "tarn" / "maintain";
  }
  // NOLINTEND(concurrency-mt-unsafe)
  return std::unexpected(
      Error{ErrorKind::kInvalidArgument, "there is no directory for what maintenance must remember",
            "Neither XDG_STATE_HOME nor HOME is set.", "Name one with --state."});
}

}  // namespace

Result<std::unique_ptr<MaintainedTable>> MaintainedTable::Open(
    const TableArgument& argument, const MaintainedTableOptions& options) {
  if (IsTableOfInstance(argument)) {
    return std::unexpected(Error{ErrorKind::kPermissionDenied,
                                 fmt::format("\"{}\" is a table of an instance", argument.what),
                                 {},
                                 kVacuumHint});
  }
  TARN_ASSIGN(const TableTarget target, FindTable(argument));
  std::unique_ptr<MaintainedTable> opened(new MaintainedTable());
  opened->location_ = DirectoryOf(target.location);
  TARN_ASSIGN(opened->storage_, OpenStorage({opened->location_, target.buckets}));
  TARN_TRY(CheckNotPostgres(*opened->storage_, opened->location_));
  opened->manifests_ =
      std::make_unique<iceberg::ManifestCache>(opened->storage_.get(), kManifestCacheBytes);
  TARN_TRY(opened->FindCatalog(options.catalog));
  TARN_TRY(opened->OpenState(options.state));
  return opened;
}

Result<bool> MaintainedTable::IsNamedBy(const std::string& catalog_location) {
  auto catalog = catalog::OpenDirectoryCatalog(storage_.get(), manifests_.get(), catalog_location,
                                               KeepingPolicy());
  TARN_ASSIGN(const std::vector<catalog::TableName> names, catalog->ListTables());
  TARN_ASSIGN(const std::vector<std::string> locations, catalog->Newest(names));
  for (size_t i = 0; i < names.size(); ++i) {
    if (!locations[i].starts_with(location_ + "/metadata/")) continue;
    target_.table = names[i];
    catalog_ = std::move(catalog);
    catalog_location_ = catalog_location;
    return true;
  }
  return false;
}

Result<> MaintainedTable::FindCatalog(const std::string& asked) {
  std::string catalog = asked;
  while (catalog.ends_with('/')) catalog.pop_back();
  if (!catalog.empty()) {
    if (catalog.find("://") == std::string::npos) {
      catalog = "file://" + fs::absolute(catalog).lexically_normal().string();
    }
    TARN_ASSIGN(const bool named, IsNamedBy(catalog));
    if (named) return {};
    return Fail(ErrorKind::kNotFound, "catalog \"{}\" has no table at \"{}\"", catalog, location_);
  }
  const size_t root = location_.find("://") + 3;
  for (size_t slash = location_.rfind('/'); slash != std::string::npos && slash > root;
       slash = location_.rfind('/', slash - 1)) {
    // A directory that may not be looked at holds no catalog of this table.
    const auto named = IsNamedBy(location_.substr(0, slash));
    if (!named && named.error().kind != ErrorKind::kPermissionDenied) {
      return std::unexpected(named.error());
    }
    if (named && *named) return {};
  }
  return std::unexpected(
      Error{ErrorKind::kNotFound, fmt::format("no catalog names table \"{}\"", location_),
            "A directory catalog was looked for above the table. Whoever else keeps the table's "
            "pointer must maintain it.",
            "Name the catalog with --catalog."});
}

Result<> MaintainedTable::OpenState(const std::string& asked) {
  TARN_ASSIGN(const fs::path state, StateDirectory(asked));
  TARN_ASSIGN(const iceberg::LoadedTable table, catalog_->LoadTable(target_.table));
  if (table.metadata->location != location_) {
    return Fail(ErrorKind::kUnsupported, "the table at \"{}\" says that it lies at \"{}\"",
                location_, table.metadata->location);
  }
  const fs::path own = state / table.metadata->table_uuid.ToString();
  auto journal = table::Journal::Open(own / "journal");
  if (!journal) {
    journal.error().hint = "One process maintains a table at a time.";
    return std::unexpected(journal.error());
  }
  journal_ = *std::move(journal);
  TARN_ASSIGN(lease_, table::ProcessLease::Take(state / "leases", NowMs()));
  TARN_ASSIGN(engine_,
              engine::Engine::Open({.storage = storage_.get(), .spill_directory = own / "spill"}));
  tables_ = std::make_unique<table::TableCache>(storage_.get(), kTableCacheBytes);
  pins_ = std::make_unique<table::PinnedSnapshots>(storage_.get());
  context_ = {.storage = storage_.get(),
              .engine = engine_.get(),
              .manifests = manifests_.get(),
              .tables = tables_.get(),
              .journal = journal_.get(),
              .pins = pins_.get(),
              .policy = KeepingPolicy()};
  fates_ = std::make_unique<table::ProcessFates>(
      state / "leases", table::LookInTable(context_, *catalog_, target_.table));
  target_.context = &context_;
  target_.publisher = catalog_.get();
  target_.lease = lease_.get();
  target_.fates = fates_.get();
  expiring_context_ = context_;
  expiring_context_.policy = ExpiringPolicy();
  expiring_target_ = target_;
  expiring_target_.context = &expiring_context_;
  return {};
}

Result<std::vector<std::string>> MaintainedTable::OtherLocations() const {
  std::vector<std::string> locations;
  TARN_ASSIGN(const std::vector<catalog::TableName> names, catalog_->ListTables());
  for (const catalog::TableName& name : names) {
    if (name == target_.table) continue;
    TARN_ASSIGN(const iceberg::LoadedTable table, catalog_->LoadTable(name));
    locations.push_back(table.metadata->location);
  }
  return locations;
}

}  // namespace tarn::cli
