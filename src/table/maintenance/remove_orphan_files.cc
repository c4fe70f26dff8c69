// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "iceberg/fsck/fsck.h"
#include "iceberg/model/table_properties.h"
#include "table/file_removal.h"
#include "table/journal.h"
#include "table/maintenance/location_claims.h"
#include "table/maintenance/maintenance.h"
#include "table/maintenance/maintenance_commit.h"
#include "table/pins.h"

namespace tarn::table {
namespace {

constexpr size_t kBatchFiles = 500;

/// Without "s3a" and "s3n", which are the same store, and without doubled slashes of a path.
struct ComparablePath {
  std::string place;  ///< scheme and bucket
  std::string path;
};

ComparablePath Comparable(std::string_view location) {
  const size_t colon = location.find(":/");
  if (colon == std::string_view::npos) return {"", std::string(location)};
  std::string scheme(location.substr(0, colon));
  if (scheme == "s3a" || scheme == "s3n") scheme = "s3";
  std::string_view rest = location.substr(colon + 1);
  std::string bucket;
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    bucket = rest.substr(0, std::min(rest.find('/'), rest.size()));
    rest.remove_prefix(bucket.size());
  }
  while (rest.starts_with('/')) rest.remove_prefix(1);
  return {scheme + "://" + bucket, std::string(rest)};
}

/// Files that belong to a table without being part of its state, and names that readers and writers
/// hide (Java's HiddenPathFilter), below `root`.
bool StaysAnyway(std::string_view name) {
  if (name == "metadata/tarn-owner.json" || name == "metadata/version-hint.text" ||
      name.starts_with("metadata/tarn-pins/")) {
    return true;
  }
  while (true) {
    const size_t slash = name.find('/');
    const std::string_view part = name.substr(0, slash);
    // A directory of a partition may be called so.
    const bool partition = slash != std::string_view::npos && part.contains('=');
    if (!partition && (part.starts_with('_') || part.starts_with('.'))) return true;
    if (slash == std::string_view::npos) return false;
    name.remove_prefix(slash + 1);
  }
}

/// One removal.
class OrphanRemoval {
 public:
  OrphanRemoval(const MaintenanceTarget& target, const OrphanOptions& options,
                const MaintenanceRun& run)
      : target_(target),
        options_(options),
        run_(run),
        storage_(*target.context->storage),
        context_(MakeCommitContext(*target.context, Uuid())) {}

  Result<std::vector<std::string>> Run() {
    TARN_ASSIGN(const iceberg::LoadedTable first, LoadNewest(target_));
    root_ = first.metadata->location;
    while (root_.ends_with('/')) root_.pop_back();
    TARN_TRY(CheckMayCollect(*first.metadata));
    TARN_TRY(CheckAlone(storage_, root_, options_.other_locations));
    // What is committed from here on was listed or is too young; what was committed before is known
    // by the state that is read afterwards.
    TARN_TRY(ListCandidates());
    TARN_ASSIGN(const iceberg::LoadedTable newest, LoadNewest(target_));
    if (newest.metadata->table_uuid != first.metadata->table_uuid ||
        newest.metadata->location != first.metadata->location) {
      return Fail(ErrorKind::kConflict, "table \"{}\" was replaced or moved meanwhile", root_);
    }
    if (!candidates_.empty()) {
      TARN_TRY(SubtractReachable(newest));
      TARN_TRY(SubtractPinned());
      SubtractWritersOf(*target_.context->journal);
      TARN_TRY(CheckForeignMetadata(newest.metadata->table_uuid));
    }
    return Remove();
  }

 private:
  Result<> CheckMayCollect(const iceberg::TableMetadata& metadata) const {
    if (iceberg::BoolProperty(metadata, "gc.enabled", true)) return {};
    return std::unexpected(
        Error{ErrorKind::kInvalidArgument,
              fmt::format("files of table \"{}\" must not be removed", root_),
              "Its property gc.enabled is false: other tables may share its files.",
              {}});
  }

  Result<> ListCandidates() {
    return storage_.List(root_ + "/", [this](const storage::ObjectInfo& object) -> Result<> {
      if (++listed_ % 1000 == 0) {
        TARN_TRY(run_.CheckGoesOn());
        run_.Report({.action = "listing files", .done = listed_});
      }
      const std::string_view name = std::string_view(object.location).substr(root_.size() + 1);
      TARN_TRY(CheckNotNested(root_, name));
      if (object.modified_ms >= options_.older_than_ms || StaysAnyway(name)) return {};
      ComparablePath path = Comparable(object.location);
      candidates_.emplace(std::move(path.path), Candidate{std::move(path.place), object.location});
      return {};
    });
  }

  Result<> SubtractReachable(const iceberg::LoadedTable& table) {
    std::optional<Error> elsewhere;
    TARN_TRY(iceberg::VisitReachableFiles(context_, table, [&](const std::string& file) {
      const ComparablePath path = Comparable(file);
      const auto found = candidates_.find(path.path);
      if (found == candidates_.end()) return;
      if (found->second.place != path.place && !elsewhere) {
        elsewhere =
            Error{ErrorKind::kConflict,
                  fmt::format("file \"{}\" is known as \"{}\"", found->second.location, file),
                  "It cannot be told whether both names mean one file.",
                  {}};
      }
      candidates_.erase(found);
    }));
    if (elsewhere) return std::unexpected(*std::move(elsewhere));
    return {};
  }

  /// Snapshots that expired while somebody reads them. Pins are read last: whoever pins afterwards
  /// finds what it pins in the newest state.
  Result<> SubtractPinned() {
    TARN_ASSIGN(const std::vector<Pin> pins, ReadPins(storage_, root_, context_.now_ms));
    for (const Pin& pin : pins) {
      TARN_ASSIGN(const auto table, iceberg::LoadTable(storage_, pin.metadata_location));
      // Its other snapshots may be gone.
      iceberg::TableMetadata pinned = *table.metadata;
      std::erase_if(pinned.snapshots,
                    [&](const auto& snapshot) { return snapshot->id != pin.snapshot_id; });
      TARN_TRY(
          SubtractReachable({table.metadata_location,
                             std::make_shared<const iceberg::TableMetadata>(std::move(pinned))}));
    }
    return {};
  }

  /// Of all whose end is not proven.
  void SubtractWritersOf(const Journal& journal) {
    std::vector<std::string> ids;
    for (const JournalEntry& entry : journal.Entries()) ids.push_back(entry.writer.id.ToString());
    std::erase_if(candidates_, [&](const auto& candidate) {
      const std::string_view name = candidate.second.location;
      return std::ranges::any_of(ids, [&](const std::string& id) {
        return name.find(id, name.rfind('/') + 1) != std::string_view::npos;
      });
    });
  }

  /// Metadata that this table does not know may be another table's.
  Result<> CheckForeignMetadata(const Uuid& table_uuid) const {
    for (const auto& [path, candidate] : candidates_) {
      if (!iceberg::IsMetadataFile(candidate.location)) continue;
      const auto table = iceberg::LoadTable(storage_, candidate.location);
      if (!table || table->metadata->table_uuid == table_uuid) continue;
      return SharedLocation(root_,
                            fmt::format("\"{}\" is another table's metadata.", candidate.location));
    }
    return {};
  }

  Result<std::vector<std::string>> Remove() {
    std::vector<std::string> orphans;
    for (auto& [path, candidate] : candidates_) orphans.push_back(std::move(candidate.location));
    std::ranges::sort(orphans);
    if (options_.dry_run) return orphans;
    for (size_t done = 0; done < orphans.size();) {
      TARN_TRY(run_.CheckGoesOn());
      const size_t count = std::min(orphans.size() - done, kBatchFiles);
      const auto begin = orphans.begin() + static_cast<std::ptrdiff_t>(done);
      TARN_TRY(RemoveFiles(storage_, {begin, begin + static_cast<std::ptrdiff_t>(count)}));
      done += count;
      run_.Report({.action = "removing orphans",
                   .done = static_cast<int64_t>(done),
                   .total = static_cast<int64_t>(orphans.size())});
    }
    return orphans;
  }

  struct Candidate {
    std::string place;
    std::string location;
  };

  const MaintenanceTarget& target_;
  const OrphanOptions& options_;
  const MaintenanceRun& run_;
  storage::Storage& storage_;
  const iceberg::CommitContext context_;
  std::string root_;
  std::unordered_map<std::string, Candidate> candidates_;  ///< by path
  int64_t listed_ = 0;
};

}  // namespace

Result<std::vector<std::string>> RemoveOrphanFiles(const MaintenanceTarget& target,
                                                   const OrphanOptions& options,
                                                   const MaintenanceRun& run) {
  return OrphanRemoval(target, options, run).Run();
}

}  // namespace tarn::table
