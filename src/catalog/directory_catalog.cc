// SPDX-License-Identifier: Apache-2.0
#include "catalog/directory_catalog.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "base/clock.h"
#include "catalog/state_store.h"

namespace tarn::catalog {
namespace {

using iceberg::LoadedTable;
using iceberg::PreparedTable;

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
  Result<std::vector<LoadedTable>> Commit(std::span<const TableCommit> commits) override;

 private:
  /// What one attempt wants to publish.
  struct Proposal {
    std::map<TableName, std::string> tables;
    std::vector<LoadedTable> results;
    std::vector<std::string> written_files;
    bool changes_anything = true;
  };
  /// Adds to the proposal, files as soon as they are written, so that they can be removed.
  using Propose = std::function<Result<>(const CatalogState&, const Uuid& commit, Proposal&)>;

  /// Proposes and publishes until it is committed, impossible or unknown.
  Result<Proposal> Run(const Propose& propose);
  Result<> ProposeCommits(std::span<const TableCommit> commits, const CatalogState& state,
                          const Uuid& commit, Proposal& proposal);
  Result<LoadedTable> LoadFrom(const CatalogState& state, const TableName& table);
  Result<LoadedTable> LoadCached(const std::string& metadata_location);
  void Remove(const std::vector<std::string>& files);
  iceberg::CommitContext ContextOf(const Uuid& commit) {
    return {.storage = storage_, .cache = cache_, .transaction = commit, .now_ms = NowMs()};
  }

  storage::Storage* storage_;
  iceberg::ManifestCache* cache_;
  StateStore store_;
  iceberg::CommitPolicy policy_;

  std::mutex mutex_;
  /// The newest state of each table that was loaded: metadata files are immutable.
  std::map<std::string, LoadedTable> loaded_;  // GUARDED_BY(mutex_)
};

Result<LoadedTable> DirectoryCatalog::LoadCached(const std::string& metadata_location) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = loaded_.find(metadata_location);
    if (found != loaded_.end()) return found->second;
  }
  return iceberg::LoadTable(*storage_, metadata_location);
}

Result<LoadedTable> DirectoryCatalog::LoadFrom(const CatalogState& state, const TableName& table) {
  const auto found = state.metadata_locations.find(table);
  if (found == state.metadata_locations.end()) {
    return Fail(ErrorKind::kNotFound, "table \"{}\" does not exist", FullName(table));
  }
  return LoadCached(found->second);
}

Result<LoadedTable> DirectoryCatalog::LoadTable(const TableName& table) {
  TARN_ASSIGN(const CatalogState state, store_.Newest());
  return LoadFrom(state, table);
}

Result<std::vector<TableName>> DirectoryCatalog::ListTables() {
  TARN_ASSIGN(const CatalogState state, store_.Newest());
  std::vector<TableName> tables;
  for (const auto& [table, location] : state.metadata_locations) tables.push_back(table);
  return tables;
}

void DirectoryCatalog::Remove(const std::vector<std::string>& files) {
  // Metadata first; what can't be removed is an orphan that fsck finds.
  for (auto file = files.rbegin(); file != files.rend(); ++file) (void)storage_->Delete(*file);
}

Result<DirectoryCatalog::Proposal> DirectoryCatalog::Run(const Propose& propose) {
  for (int attempt = 1;; ++attempt) {
    TARN_ASSIGN(const CatalogState state, store_.Newest());
    // A UUID per attempt: the files of one that failed never meet those of the next.
    const Uuid commit = Uuid::Random();
    Proposal proposal{.tables = state.metadata_locations};
    if (const Result<> proposed = propose(state, commit, proposal); !proposed) {
      Remove(proposal.written_files);
      return std::unexpected<Error>(proposed.error());
    }
    if (!proposal.changes_anything) return proposal;
    const Result<> published = store_.Publish(NextState(state, proposal.tables, commit));
    if (published) {
      const std::lock_guard lock(mutex_);
      for (const auto& [table, location] : state.metadata_locations) {
        if (!proposal.tables.contains(table) || proposal.tables[table] != location) {
          loaded_.erase(location);
        }
      }
      for (const LoadedTable& table : proposal.results) {
        loaded_.insert_or_assign(table.metadata_location, table);
      }
      return proposal;
    }
    // Unknown: somebody may be reading these files already.
    if (published.error().kind == ErrorKind::kCommitStateUnknown) {
      return std::unexpected<Error>(published.error());
    }
    Remove(proposal.written_files);
    if (published.error().kind != ErrorKind::kConflict || attempt == kAttempts) {
      return std::unexpected<Error>(published.error());
    }
    BackOff(attempt);
  }
}

Result<LoadedTable> DirectoryCatalog::CreateTable(const TableName& table,
                                                  iceberg::TableMetadata first) {
  const LoadedTable unwritten{"", std::make_shared<const iceberg::TableMetadata>(std::move(first))};
  TARN_ASSIGN(
      Proposal done,
      Run([&](const CatalogState& state, const Uuid& commit, Proposal& proposal) -> Result<> {
        if (state.metadata_locations.contains(table)) {
          return Fail(ErrorKind::kAlreadyExists, "table \"{}\" exists already", FullName(table));
        }
        TARN_ASSIGN(PreparedTable prepared,
                    iceberg::PrepareCommit(ContextOf(commit), unwritten, {},
                                           iceberg::NewSnapshotId(nullptr), policy_));
        proposal.written_files = std::move(prepared.written_files);
        proposal.tables[table] = prepared.table.metadata_location;
        proposal.results.push_back(std::move(prepared.table));
        return {};
      }));
  return std::move(done.results.front());
}

Result<> DirectoryCatalog::DropTable(const TableName& table) {
  TARN_TRY(Run([&](const CatalogState& state, const Uuid&, Proposal& proposal) -> Result<> {
    if (!state.metadata_locations.contains(table)) {
      return Fail(ErrorKind::kNotFound, "table \"{}\" does not exist", FullName(table));
    }
    proposal.tables.erase(table);
    return {};
  }));
  return {};
}

Result<> DirectoryCatalog::ProposeCommits(std::span<const TableCommit> commits,
                                          const CatalogState& state, const Uuid& commit,
                                          Proposal& proposal) {
  proposal.changes_anything = false;
  for (const TableCommit& item : commits) {
    TARN_ASSIGN(const LoadedTable newest, LoadFrom(state, item.table));
    // Dropped and created again under the same name: not the table that the caller knows.
    if (newest.metadata->table_uuid != item.base.metadata->table_uuid) {
      return Fail(ErrorKind::kConflict, "table \"{}\" was replaced by another one",
                  FullName(item.table));
    }
    TARN_ASSIGN(
        PreparedTable prepared,
        iceberg::PrepareCommit(ContextOf(commit), newest, item.changes, item.snapshot_id, policy_));
    std::ranges::move(prepared.written_files, std::back_inserter(proposal.written_files));
    proposal.changes_anything |= prepared.table.metadata_location != newest.metadata_location;
    proposal.tables[item.table] = prepared.table.metadata_location;
    proposal.results.push_back(std::move(prepared.table));
  }
  return {};
}

Result<std::vector<LoadedTable>> DirectoryCatalog::Commit(std::span<const TableCommit> commits) {
  std::set<TableName> names;
  for (const TableCommit& item : commits) {
    if (!names.insert(item.table).second) {
      return Fail(ErrorKind::kInvalidArgument, "table \"{}\" stands twice in one commit",
                  FullName(item.table));
    }
  }
  TARN_ASSIGN(Proposal done,
              Run([&](const CatalogState& state, const Uuid& commit, Proposal& proposal) {
                return ProposeCommits(commits, state, commit, proposal);
              }));
  return std::move(done.results);
}

}  // namespace

std::unique_ptr<Catalog> OpenDirectoryCatalog(storage::Storage* storage,
                                              iceberg::ManifestCache* cache, std::string location,
                                              iceberg::CommitPolicy policy) {
  return std::make_unique<DirectoryCatalog>(storage, cache, std::move(location), std::move(policy));
}

}  // namespace tarn::catalog
