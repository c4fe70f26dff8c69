// SPDX-License-Identifier: Apache-2.0
#include "table/resolution.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/logging.h"
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

/// Metadata files that can tell whether a file of the writer is in use: its own, since what it
/// wrote is reached from there or from nowhere; or, where that is gone, all.
Result<std::vector<std::string>> FindWitnesses(const TableContext& context,
                                               const std::string& location,
                                               const std::vector<std::string>& files) {
  std::vector<std::string> witnesses;
  std::ranges::copy_if(files, std::back_inserter(witnesses),
                       [](const std::string& file) { return file.ends_with(kMetadataSuffix); });
  if (!witnesses.empty()) return witnesses;
  TARN_TRY(context.storage->List(location + "/metadata/",
                                 [&](const storage::ObjectInfo& object) -> Result<> {
                                   if (object.location.ends_with(kMetadataSuffix))
                                     witnesses.push_back(object.location);
                                   return {};
                                 }));
  return witnesses;
}

Result<> RemoveUnreached(const TableContext& context, const JournalEntry& entry) {
  for (const JournalledLocation& journalled : entry.locations) {
    RemoveUnfinished(context, journalled.location);
    TARN_ASSIGN(auto files,
                FindFilesOfWriter(*context.storage, journalled.location, entry.writer.id));
    TARN_ASSIGN(const auto witnesses, FindWitnesses(context, journalled.location, files));
    std::set<std::string> reached(witnesses.begin(), witnesses.end());
    if (!files.empty()) {
      for (const std::string& witness : witnesses) {
        TARN_ASSIGN(const auto table, iceberg::LoadTable(*context.storage, witness));
        TARN_TRY(iceberg::VisitReachableFiles(
            MakeCommitContext(context, {}), table,
            [&reached](const std::string& file) { reached.insert(file); }));
      }
    }
    std::erase_if(files, [&reached](const std::string& file) { return reached.contains(file); });
    TARN_TRY(RemoveFiles(*context.storage, std::move(files)));
    // A table that the writer made and dropped again, or a name that it tried in vain.
    if (journalled.create && witnesses.empty()) {
      TARN_TRY(ReleaseLocation(*context.storage, journalled.location, entry.writer.id));
    }
  }
  context.journal->Commit(entry.writer.id, NowMs());
  return {};
}

}  // namespace

std::vector<Writer> OpenWriters(const TableContext& context) {
  std::vector<Writer> open;
  for (JournalEntry& entry : context.journal->Entries()) {
    if (!entry.committed_ms) open.push_back(std::move(entry.writer));
  }
  return open;
}

Result<> SettleWriters(const TableContext& context, WriterFates& fates) {
  const std::vector<Writer> open = OpenWriters(context);
  if (open.empty()) return {};
  TARN_ASSIGN(const std::vector<WriterFate> answers, fates.FatesOf(open));
  Result<> first;
  for (size_t i = 0; i < open.size(); ++i) {
    if (answers[i] != WriterFate::kAborted && answers[i] != WriterFate::kCommitted) continue;
    const auto entry = context.journal->Find(open[i].id);
    if (!entry || entry->committed_ms) continue;
    const Result<> result = answers[i] == WriterFate::kAborted ? RemoveAborted(context, *entry)
                                                               : RemoveUnreached(context, *entry);
    if (result) continue;
    spdlog::warn("writer {}: {}", open[i].id.ToString(), result.error().message);
    if (first) first = result;
  }
  return first;
}

}  // namespace tarn::table
