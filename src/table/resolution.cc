// SPDX-License-Identifier: Apache-2.0
#include "table/resolution.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/logging.h"
#include "iceberg/commit/commit_files.h"
#include "iceberg/json/statistics_members.h"
#include "table/file_removal.h"
#include "table/journal.h"
#include "table/ownership.h"

namespace tarn::table {
namespace {

constexpr std::string_view kMetadataSuffix = ".metadata.json";

/// What was being written when the writer's process died.
void RemoveUnfinished(const TableContext& context, const std::string& location) {
  const auto removed = context.storage->RemoveUnfinished(location + "/");
  if (!removed) spdlog::warn("\"{}\": {}", location, removed.error().message);
}

Result<> RemoveAborted(const TableContext& context, const JournalEntry& entry) {
  for (const JournalledLocation& journalled : entry.locations) {
    RemoveUnfinished(context, journalled.location);
    TARN_ASSIGN(auto files,
                FindFilesOfWriter(*context.storage, journalled.location, entry.writer.id));
    TARN_TRY(RemoveFiles(*context.storage, std::move(files)));
    if (!journalled.create) continue;
    TARN_TRY(ReleaseLocation(*context.storage, journalled.location, entry.writer.id));
  }
  return context.journal->Forget(entry.writer.id);
}

bool CarriesId(const std::string& location, const std::string& id) {
  return location.find(id, location.rfind('/') + 1) != std::string::npos;
}

/// What the writer's own metadata reaches of its files: they are named by manifests that it made
/// itself, so no others are read.
Result<> CollectOwn(const TableContext& context, const std::string& metadata_location,
                    const std::string& id, std::set<std::string>& reached) {
  TARN_ASSIGN(const auto table, iceberg::LoadTable(*context.storage, metadata_location));
  for (const std::string& file : iceberg::StatisticsFiles(*table.metadata)) reached.insert(file);
  for (const auto& snapshot : table.metadata->snapshots) {
    if (!CarriesId(snapshot->manifest_list, id)) continue;
    reached.insert(snapshot->manifest_list);
    TARN_ASSIGN(const auto list, context.manifests->ManifestList(snapshot->manifest_list));
    for (const iceberg::ManifestFile& file : *list) {
      if (!CarriesId(file.manifest_path, id)) continue;
      reached.insert(file.manifest_path);
      TARN_ASSIGN(const auto manifest, context.manifests->ReadManifest(file));
      for (const iceberg::ManifestEntry& entry : manifest->entries) {
        if (entry.status != iceberg::EntryStatus::kDeleted) {
          reached.insert(entry.data_file.file_path);
        }
      }
    }
  }
  return {};
}

/// What any metadata file that is there still reaches of the location. Snapshots that expired since
/// a file was written may have been collected before, but not meanwhile: then what their successors
/// took over would be missed.
class ReachedFromAll {
 public:
  ReachedFromAll(const TableContext& context, std::set<std::string>& reached)
      : context_(context), reached_(reached) {}

  /// False where there is no metadata.
  Result<bool> Collect(const std::string& location) {
    folder_ = location + "/metadata/";
    int64_t newest = -1;
    TARN_TRY(context_.storage->List(folder_, [&](const storage::ObjectInfo& object) -> Result<> {
      const std::string& file = object.location;
      listed_.insert(file);
      if (file.ends_with(kMetadataSuffix)) {
        newest = std::max(newest, iceberg::MetadataVersionNumber(file));
      }
      return {};
    }));
    bool any = false;
    for (const std::string& file : listed_) {
      if (!file.ends_with(kMetadataSuffix)) continue;
      any = true;
      may_be_gone_ = iceberg::MetadataVersionNumber(file) < newest;
      TARN_TRY(CollectFrom(file));
    }
    return any;
  }

 private:
  Result<> CollectFrom(const std::string& witness) {
    TARN_ASSIGN(const auto table, iceberg::LoadTable(*context_.storage, witness));
    reached_.insert(witness);
    for (const iceberg::MetadataLogEntry& entry : table.metadata->metadata_log) {
      reached_.insert(entry.metadata_file);
    }
    for (const std::string& file : iceberg::StatisticsFiles(*table.metadata)) reached_.insert(file);
    for (const auto& snapshot : table.metadata->snapshots) {
      if (!snapshot->has_manifest_array() && WasGone(snapshot->manifest_list)) continue;
      TARN_TRY(CollectSnapshot(*snapshot));
    }
    return {};
  }

  /// Collected before, or by somebody who died before the list went.
  bool WasGone(const std::string& file) const {
    return may_be_gone_ && file.starts_with(folder_) && !listed_.contains(file);
  }

  Result<> CollectSnapshot(const iceberg::Snapshot& snapshot) {
    if (!snapshot.has_manifest_array()) {
      if (done_.contains(snapshot.manifest_list)) return {};
      reached_.insert(snapshot.manifest_list);
    }
    TARN_ASSIGN(const auto list, context_.manifests->SnapshotManifests(snapshot));
    for (const iceberg::ManifestFile& file : *list) {
      if (done_.contains(file.manifest_path) || WasGone(file.manifest_path)) continue;
      reached_.insert(file.manifest_path);
      TARN_ASSIGN(const auto manifest, context_.manifests->ReadManifest(file));
      for (const iceberg::ManifestEntry& entry : manifest->entries) {
        if (entry.status != iceberg::EntryStatus::kDeleted) {
          reached_.insert(entry.data_file.file_path);
        }
      }
      done_.insert(file.manifest_path);
    }
    if (!snapshot.has_manifest_array() && !may_be_gone_) done_.insert(snapshot.manifest_list);
    return {};
  }

  const TableContext& context_;
  std::set<std::string>& reached_;
  std::string folder_;
  std::set<std::string> listed_;  ///< in it
  std::set<std::string> done_;    ///< lists and manifests
  bool may_be_gone_ = false;      ///< what the metadata file reaches that is being read
};

Result<> RemoveUnreached(const TableContext& context, const JournalEntry& entry) {
  const std::string id = entry.writer.id.ToString();
  for (const JournalledLocation& journalled : entry.locations) {
    RemoveUnfinished(context, journalled.location);
    TARN_ASSIGN(auto files,
                FindFilesOfWriter(*context.storage, journalled.location, entry.writer.id));
    std::set<std::string> reached;
    bool has_metadata = false;
    bool knows_all = true;
    for (const std::string& file : files) {
      if (!file.ends_with(kMetadataSuffix)) continue;
      has_metadata = true;
      reached.insert(file);
      const Result<> own = CollectOwn(context, file, id, reached);
      // Its snapshot expired and was collected by somebody else: what it moved into others' hands
      // is for them to tell.
      if (!own && own.error().kind != ErrorKind::kNotFound) return own;
      knows_all = knows_all && own;
    }
    if (!has_metadata || !knows_all) {
      TARN_ASSIGN(has_metadata, ReachedFromAll(context, reached).Collect(journalled.location));
    }
    std::erase_if(files, [&reached](const std::string& file) { return reached.contains(file); });
    TARN_TRY(RemoveFiles(*context.storage, std::move(files)));
    // A table that the writer made and dropped again, or a name that it tried in vain.
    if (journalled.create && !has_metadata) {
      TARN_TRY(ReleaseLocation(*context.storage, journalled.location, entry.writer.id));
    }
  }
  return {};
}

/// True when the writer is known to have committed and nothing but its garbage is left.
Result<bool> SettleOne(const TableContext& context, const JournalEntry& entry, WriterFate fate) {
  if (fate == WriterFate::kAborted) {
    if (entry.committed_ms) {
      return Fail(ErrorKind::kInternal, "it is said to have committed, and to have aborted");
    }
    TARN_TRY(RemoveAborted(context, entry));
  }
  if (fate != WriterFate::kCommitted) return false;
  if (!entry.committed_ms && !entry.tidy) TARN_TRY(RemoveUnreached(context, entry));
  return true;
}

/// Whether a commit to one of the entry's tables that came before it is not settled yet. Snapshots
/// must be collected in the order in which they expired: a later one may be the one that tells that
/// a file of an earlier one was deleted.
bool FollowsUnsettled(const JournalEntry& entry, const std::vector<JournalEntry>& unsettled) {
  const auto is_later = [&unsettled](const ExpiredFiles& mine) {
    return std::ranges::any_of(unsettled, [&mine](const JournalEntry& other) {
      return std::ranges::any_of(other.expired, [&mine](const ExpiredFiles& earlier) {
        return earlier.location == mine.location &&
               iceberg::IsNewerMetadata(mine.metadata_location, earlier.metadata_location);
      });
    });
  };
  return std::ranges::any_of(entry.expired, is_later);
}

/// Those of the committed entries that wait for no other.
std::vector<Uuid> InOrderOfCommits(std::vector<JournalEntry> committed,
                                   std::vector<JournalEntry> unsettled) {
  bool changed = true;
  while (changed) {
    const auto waits = std::ranges::stable_partition(
        committed,
        [&unsettled](const JournalEntry& entry) { return !FollowsUnsettled(entry, unsettled); });
    changed = !waits.empty();
    std::ranges::move(waits, std::back_inserter(unsettled));
    committed.erase(waits.begin(), waits.end());
  }
  std::vector<Uuid> ids;
  for (const JournalEntry& entry : committed) ids.push_back(entry.writer.id);
  return ids;
}

}  // namespace

Result<> SettleWriters(const TableContext& context, WriterFates& fates, const MayGoOn& may_go_on) {
  std::vector<JournalEntry> entries = context.journal->Entries();
  std::erase_if(entries,
                [&](const JournalEntry& entry) { return entry.writer.issuer != fates.issuer(); });
  if (entries.empty()) return {};
  std::vector<Writer> writers;
  for (const JournalEntry& entry : entries) writers.push_back(entry.writer);
  TARN_ASSIGN(const std::vector<WriterFate> answers, fates.FatesOf(writers));
  // After the fates, so that all who committed did so before it.
  TARN_ASSIGN(const std::string mark, fates.ReadersMark());
  std::vector<JournalEntry> committed;
  std::vector<JournalEntry> unsettled;
  Result<> first;
  for (size_t i = 0; i < entries.size(); ++i) {
    const Result<bool> settled = may_go_on() ? SettleOne(context, entries[i], answers[i]) : false;
    if (settled && *settled) {
      committed.push_back(std::move(entries[i]));
    } else if (!settled || answers[i] != WriterFate::kAborted) {
      unsettled.push_back(std::move(entries[i]));
    }
    if (settled) continue;
    spdlog::warn("writer {}: {}", writers[i].id.ToString(), settled.error().message);
    if (first) first = std::unexpected(settled.error());
  }
  TARN_TRY(context.journal->Settle(InOrderOfCommits(std::move(committed), std::move(unsettled)),
                                   std::string(fates.issuer()), mark, NowMs()));
  return first;
}

}  // namespace tarn::table
