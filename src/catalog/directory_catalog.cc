// SPDX-License-Identifier: Apache-2.0
#include "catalog/directory_catalog.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include "base/clock.h"
#include "catalog/state_store.h"

namespace tarn::catalog {
namespace {

using iceberg::LoadedTable;

constexpr int kAttempts = 50;
constexpr int kBackoffMsMax = 64;

std::string FullName(const TableName& table) {
  std::string name;
  for (const std::string& part : table.name_space) name += part + ".";
  return name + table.name;
}

/// Longer and longer, and never the same for two that met.
void BackOff(int attempt) {
  thread_local std::minstd_rand random{std::random_device{}()};
  const int limit = std::min(kBackoffMsMax, 1 << std::min(attempt, 6));
  std::this_thread::sleep_for(
      std::chrono::milliseconds(1 + random() % static_cast<unsigned>(limit)));
}

class DirectoryCatalog : public Catalog {
 public:
  DirectoryCatalog(storage::Storage* storage, iceberg::ManifestCache* cache, std::string location,
                   iceberg::CommitPolicy policy)
      : storage_(storage),
        cache_(cache),
        store_(storage, std::move(location)),
        policy_(std::move(policy)) {}

  Result<LoadedTable> LoadTable(const TableName& table) override;
  Result<LoadedTable> CreateTable(const TableName& table, iceberg::TableMetadata first) override;
  Result<> DropTable(const TableName& table) override;
  Result<std::vector<TableName>> ListTables() override;
  Result<std::vector<std::string>> Newest(std::span<const TableName> tables) override;
  Result<> Publish(const Uuid& commit, std::span<const PointerSwap> swaps) override;

 private:
  storage::Storage* storage_;
  iceberg::ManifestCache* cache_;
  StateStore store_;
  iceberg::CommitPolicy policy_;
};

std::string LocationIn(const CatalogState& state, const TableName& table) {
  const auto found = state.metadata_locations.find(table);
  return found == state.metadata_locations.end() ? std::string() : found->second;
}

/// The tables of `state` after the swaps; Conflict when a pointer is not what was expected.
Result<std::map<TableName, std::string>> Swapped(const CatalogState& state,
                                                 std::span<const PointerSwap> swaps) {
  std::map<TableName, std::string> tables = state.metadata_locations;
  for (const PointerSwap& swap : swaps) {
    if (LocationIn(state, swap.table) != swap.expected_location) {
      return Fail(ErrorKind::kConflict, "table \"{}\" was changed concurrently",
                  FullName(swap.table));
    }
    if (swap.new_location.empty()) {
      tables.erase(swap.table);
    } else {
      tables[swap.table] = swap.new_location;
    }
  }
  return tables;
}

Result<std::vector<std::string>> DirectoryCatalog::Newest(std::span<const TableName> tables) {
  TARN_ASSIGN(const CatalogState state, store_.Newest());
  std::vector<std::string> locations;
  for (const TableName& table : tables) locations.push_back(LocationIn(state, table));
  return locations;
}

Result<> DirectoryCatalog::Publish(const Uuid& commit, std::span<const PointerSwap> swaps) {
  for (int attempt = 1;; ++attempt) {
    TARN_ASSIGN(const CatalogState state, store_.Newest());
    TARN_ASSIGN(auto tables, Swapped(state, swaps));
    Result<> published = store_.Publish(NextState(state, std::move(tables), commit));
    // A newer state may be about other tables only.
    if (published || published.error().kind != ErrorKind::kConflict || attempt == kAttempts) {
      return published;
    }
    BackOff(attempt);
  }
}

Result<LoadedTable> DirectoryCatalog::LoadTable(const TableName& table) {
  TARN_ASSIGN(const std::vector<std::string> locations, Newest({&table, 1}));
  if (!locations.front().empty()) return iceberg::LoadTable(*storage_, locations.front());
  return Fail(ErrorKind::kNotFound, "table \"{}\" does not exist", FullName(table));
}

Result<std::vector<TableName>> DirectoryCatalog::ListTables() {
  TARN_ASSIGN(const CatalogState state, store_.Newest());
  std::vector<TableName> tables;
  for (const auto& [table, location] : state.metadata_locations) tables.push_back(table);
  return tables;
}

Result<LoadedTable> DirectoryCatalog::CreateTable(const TableName& table,
                                                  iceberg::TableMetadata first) {
  const LoadedTable unwritten{"", std::make_shared<const iceberg::TableMetadata>(std::move(first))};
  const iceberg::CommitContext context{
      .storage = storage_, .cache = cache_, .transaction = Uuid::Random(), .now_ms = NowMs()};
  TARN_ASSIGN(
      iceberg::PreparedTable prepared,
      iceberg::PrepareCommit(context, unwritten, {}, iceberg::NewSnapshotId(nullptr), policy_));
  const PointerSwap swap{table, "", prepared.table.metadata_location};
  Result<> published = Publish(context.transaction, {&swap, 1});
  if (published) return std::move(prepared.table);
  if (published.error().kind != ErrorKind::kCommitStateUnknown) {
    for (const std::string& file : prepared.written_files) (void)storage_->Delete(file);
  }
  if (published.error().kind != ErrorKind::kConflict) return std::unexpected(published.error());
  return Fail(ErrorKind::kAlreadyExists, "table \"{}\" exists already", FullName(table));
}

Result<> DirectoryCatalog::DropTable(const TableName& table) {
  for (int attempt = 1;; ++attempt) {
    TARN_ASSIGN(const std::vector<std::string> locations, Newest({&table, 1}));
    if (locations.front().empty()) {
      return Fail(ErrorKind::kNotFound, "table \"{}\" does not exist", FullName(table));
    }
    const PointerSwap swap{table, locations.front(), ""};
    Result<> published = Publish(Uuid::Random(), {&swap, 1});
    const bool moved = !published && published.error().kind == ErrorKind::kConflict;
    if (!moved || attempt == kAttempts) return published;
    BackOff(attempt);
  }
}

}  // namespace

std::unique_ptr<Catalog> OpenDirectoryCatalog(storage::Storage* storage,
                                              iceberg::ManifestCache* cache, std::string location,
                                              iceberg::CommitPolicy policy) {
  return std::make_unique<DirectoryCatalog>(storage, cache, std::move(location), std::move(policy));
}

}  // namespace tarn::catalog
