// SPDX-License-Identifier: Apache-2.0
#include "table/resolution.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/logging.h"
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

/// The writer's own metadata is gone: what it wrote is reached from some other, or from nowhere.
Result<> CollectFromAll(const TableContext& context, const std::string& location,
                        std::set<std::string>& reached, bool& any) {
  std::vector<std::string> witnesses;
  TARN_TRY(context.storage->List(location + "/metadata/",
                                 [&](const storage::ObjectInfo& object) -> Result<> {
                                   if (object.location.ends_with(kMetadataSuffix)) {
                                     witnesses.push_back(object.location);
                                   }
                                   return {};
                                 }));
  any = !witnesses.empty();
  for (const std::string& witness : witnesses) {
    TARN_ASSIGN(const auto table, iceberg::LoadTable(*context.storage, witness));
    TARN_TRY(iceberg::VisitReachableFiles(
        MakeCommitContext(context, {}), table,
        [&reached](const std::string& file) { reached.insert(file); }));
  }
  return {};
}

Result<> RemoveUnreached(const TableContext& context, const JournalEntry& entry) {
  const std::string id = entry.writer.id.ToString();
  for (const JournalledLocation& journalled : entry.locations) {
    RemoveUnfinished(context, journalled.location);
    TARN_ASSIGN(auto files,
                FindFilesOfWriter(*context.storage, journalled.location, entry.writer.id));
    std::set<std::string> reached;
    bool has_metadata = false;
    for (const std::string& file : files) {
      if (!file.ends_with(kMetadataSuffix)) continue;
      has_metadata = true;
      reached.insert(file);
      TARN_TRY(CollectOwn(context, file, id, reached));
    }
    if (!has_metadata) {
      TARN_TRY(CollectFromAll(context, journalled.location, reached, has_metadata));
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
  std::vector<Uuid> committed;
  Result<> first;
  for (size_t i = 0; i < entries.size() && may_go_on(); ++i) {
    const auto settled = SettleOne(context, entries[i], answers[i]);
    if (settled && *settled) committed.push_back(writers[i].id);
    if (settled) continue;
    spdlog::warn("writer {}: {}", writers[i].id.ToString(), settled.error().message);
    if (first) first = std::unexpected(settled.error());
  }
  TARN_TRY(context.journal->Settle(committed, std::string(fates.issuer()), mark, NowMs()));
  return first;
}

}  // namespace tarn::table
