// SPDX-License-Identifier: Apache-2.0
// Which files metadata reaches, and which it reached before and does not any more.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "iceberg/commit/commit.h"
#include "iceberg/json/statistics_members.h"

namespace tarn::iceberg {
namespace {

bool IsLive(const ManifestEntry& entry) { return entry.status != EntryStatus::kDeleted; }

bool IsNotFound(const Error& error) { return error.kind == ErrorKind::kNotFound; }

using ManifestsByPath = std::unordered_map<std::string, ManifestFile>;

/// Manifests of expired lists. Lists that are gone already were dealt with before.
Result<ManifestsByPath> CollectExpired(const CommitContext& context,
                                       const std::vector<std::string>& lists) {
  ManifestsByPath manifests;
  for (const std::string& location : lists) {
    const auto list = context.cache->ManifestList(location);
    if (!list && IsNotFound(list.error())) continue;
    if (!list) return std::unexpected<Error>(list.error());
    for (const ManifestFile& manifest : **list) manifests.emplace(manifest.manifest_path, manifest);
  }
  return manifests;
}

/// The retained manifests that bear on what expired, found with as few reads as can be.
class RetainedManifests {
 public:
  RetainedManifests(const CommitContext& context, const TableMetadata& metadata)
      : context_(context), snapshots_(metadata.snapshots) {
    // The oldest first: most of what an expired list names, its neighbours name too.
    std::ranges::sort(snapshots_, {},
                      [](const auto& snapshot) { return snapshot->sequence_number; });
  }

  /// Removes from `expired` what is retained. Stops reading lists when nothing is left.
  Result<> Subtract(ManifestsByPath& expired) {
    for (const auto& snapshot : snapshots_) {
      if (expired.empty()) return {};
      TARN_ASSIGN(const auto list, context_.cache->SnapshotManifests(*snapshot));
      for (const ManifestFile& manifest : *list) {
        expired.erase(manifest.manifest_path);
        manifests_.emplace(manifest.manifest_path, manifest);
      }
    }
    return {};
  }

  /// REQUIRES: Subtract left something, so that all lists were read.
  const ManifestsByPath& all() const { return manifests_; }

 private:
  const CommitContext& context_;
  std::vector<CommittedSnapshot> snapshots_;
  ManifestsByPath manifests_;
};

/// Files that may have died with their last manifest.
using Candidates = std::unordered_set<std::string>;

Result<> CollectEntries(const CommitContext& context, const ManifestsByPath& manifests,
                        const std::function<void(const ManifestEntry&)>& visit) {
  for (const auto& [path, file] : manifests) {
    const auto manifest = context.cache->ReadManifest(file);
    if (!manifest && IsNotFound(manifest.error())) continue;
    if (!manifest) return std::unexpected<Error>(manifest.error());
    for (const ManifestEntry& entry : (*manifest)->entries) visit(entry);
  }
  return {};
}

/// Of the files in unreachable manifests, those that some snapshot deleted: the others only moved
/// to another manifest. Only manifests that tell of deletions are read. Where some are forgotten,
/// all files: SubtractLive finds those that moved.
Result<Candidates> DeletedFiles(const CommitContext& context, const ManifestsByPath& unreachable,
                                const ManifestsByPath& expired, const ManifestsByPath& retained,
                                Deletions deletions) {
  Candidates live;
  TARN_TRY(CollectEntries(context, unreachable, [&](const ManifestEntry& entry) {
    if (IsLive(entry)) live.insert(entry.data_file.file_path);
  }));
  if (deletions == Deletions::kSomeForgotten) return live;
  ManifestsByPath telling;
  for (const ManifestsByPath* manifests : {&expired, &retained}) {
    for (const auto& [path, manifest] : *manifests) {
      // A list of version 1 may not say.
      if (manifest.deleted_files_count != 0) telling.emplace(path, manifest);
    }
  }
  Candidates deleted;
  TARN_TRY(CollectEntries(context, telling, [&](const ManifestEntry& entry) {
    if (IsLive(entry)) return;
    if (const auto found = live.find(entry.data_file.file_path); found != live.end()) {
      deleted.insert(*found);
    }
  }));
  return deleted;
}

/// Takes out what a retained snapshot still holds: a pinned one, a tag, a branch, or one that added
/// a file again after it was deleted, which no number in a manifest list tells.
Result<> SubtractLive(const CommitContext& context, const ManifestsByPath& retained,
                      Candidates& candidates) {
  for (const auto& [path, manifest] : retained) {
    if (candidates.empty()) return {};
    if (manifest.live_files_count() == 0) continue;
    TARN_ASSIGN(const auto entries, context.cache->ReadManifest(manifest));
    for (const ManifestEntry& entry : entries->entries) {
      if (IsLive(entry)) candidates.erase(entry.data_file.file_path);
    }
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> DereferencedFiles(
    const CommitContext& context, const LoadedTable& current,
    const std::vector<std::string>& expired_manifest_lists, Deletions deletions) {
  std::vector<std::string> lists = expired_manifest_lists;
  for (const auto& snapshot : current.metadata->snapshots) {
    std::erase(lists, snapshot->manifest_list);
  }
  TARN_ASSIGN(const ManifestsByPath expired, CollectExpired(context, lists));
  ManifestsByPath unreachable = expired;
  RetainedManifests retained(context, *current.metadata);
  TARN_TRY(retained.Subtract(unreachable));

  // Data first, lists last: whoever deletes them and dies half-way can ask again.
  std::vector<std::string> files;
  if (!unreachable.empty()) {
    TARN_ASSIGN(Candidates dead,
                DeletedFiles(context, unreachable, expired, retained.all(), deletions));
    TARN_TRY(SubtractLive(context, retained.all(), dead));
    files.assign(dead.begin(), dead.end());
    std::ranges::sort(files);
    for (const auto& [path, manifest] : unreachable) files.push_back(path);
  }
  files.insert(files.end(), lists.begin(), lists.end());
  return files;
}

Result<> VisitReachableFiles(const CommitContext& context, const LoadedTable& table,
                             const std::function<void(const std::string&)>& visit) {
  if (!table.metadata_location.empty()) visit(table.metadata_location);
  for (const MetadataLogEntry& entry : table.metadata->metadata_log) visit(entry.metadata_file);
  for (const std::string& file : StatisticsFiles(*table.metadata)) visit(file);
  std::unordered_set<std::string> visited;
  for (const auto& snapshot : table.metadata->snapshots) {
    if (!snapshot->has_manifest_array()) visit(snapshot->manifest_list);
    TARN_ASSIGN(const auto list, context.cache->SnapshotManifests(*snapshot));
    for (const ManifestFile& file : *list) {
      if (!visited.insert(file.manifest_path).second) continue;
      visit(file.manifest_path);
      TARN_ASSIGN(const auto manifest, context.cache->ReadManifest(file));
      for (const ManifestEntry& entry : manifest->entries) {
        if (IsLive(entry)) visit(entry.data_file.file_path);
      }
    }
  }
  return {};
}

}  // namespace tarn::iceberg
