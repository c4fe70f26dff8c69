// SPDX-License-Identifier: Apache-2.0
#include "lake/resolution.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/logging.h"
#include "lake/file_removal.h"
#include "lake/ownership.h"

namespace tarn::lake {
namespace {

constexpr std::string_view kMetadataSuffix = ".metadata.json";

Result<> RemoveAborted(LakeContext& lake, const JournalEntry& entry) {
  for (const JournalledLocation& journalled : entry.locations) {
    TARN_ASSIGN(auto files,
                FindFilesOfTransaction(*lake.storage, journalled.location, entry.key.uuid));
    TARN_TRY(RemoveFiles(*lake.storage, std::move(files)));
    if (!journalled.create) continue;
    TARN_TRY(ReleaseLocation(*lake.storage, journalled.location, entry.key.uuid));
  }
  return lake.journal->Forget(entry.key.uuid);
}

/// Metadata files that can tell whether a file of the transaction is in use: its own, since what it
/// wrote is reached from there or from nowhere; or, where that is gone, all.
Result<std::vector<std::string>> FindWitnesses(LakeContext& lake, const std::string& location,
                                               const std::vector<std::string>& files) {
  std::vector<std::string> witnesses;
  std::ranges::copy_if(files, std::back_inserter(witnesses),
                       [](const std::string& file) { return file.ends_with(kMetadataSuffix); });
  if (!witnesses.empty()) return witnesses;
  TARN_TRY(lake.storage->List(location + "/metadata/",
                              [&](const storage::ObjectInfo& object) -> Result<> {
                                if (object.location.ends_with(kMetadataSuffix))
                                  witnesses.push_back(object.location);
                                return {};
                              }));
  return witnesses;
}

Result<> RemoveUnreached(LakeContext& lake, const JournalEntry& entry) {
  for (const JournalledLocation& journalled : entry.locations) {
    TARN_ASSIGN(auto files,
                FindFilesOfTransaction(*lake.storage, journalled.location, entry.key.uuid));
    TARN_ASSIGN(const auto witnesses, FindWitnesses(lake, journalled.location, files));
    std::set<std::string> reached(witnesses.begin(), witnesses.end());
    if (!files.empty()) {
      for (const std::string& witness : witnesses) {
        TARN_ASSIGN(const auto table, iceberg::LoadTable(*lake.storage, witness));
        TARN_TRY(iceberg::VisitReachableFiles(
            MakeCommitContext(lake, {}), table,
            [&reached](const std::string& file) { reached.insert(file); }));
      }
    }
    std::erase_if(files, [&reached](const std::string& file) { return reached.contains(file); });
    TARN_TRY(RemoveFiles(*lake.storage, std::move(files)));
    // A table that the transaction made and dropped again, or a name that it tried in vain.
    if (journalled.create && witnesses.empty()) {
      TARN_TRY(ReleaseLocation(*lake.storage, journalled.location, entry.key.uuid));
    }
  }
  lake.journal->Commit(entry.key.uuid, NowMs());
  return {};
}

}  // namespace

Result<Transactions> ListOpenTransactions(LakeContext& lake, const SessionRegistry& registry) {
  TARN_TRY(lake.journal->RecordCommits(NowMs()));
  Transactions answer;
  for (const JournalEntry& entry : lake.journal->Entries()) {
    if (entry.committed_ms) continue;
    answer.transactions.push_back({entry.key, registry.IsConnected(entry.key.uuid)});
  }
  return answer;
}

Result<> Resolve(LakeContext& lake, const SessionRegistry& registry,
                 const ResolveTransactions& message) {
  Result<> first;
  for (const ResolveTransactions::Verdict& verdict : message.verdicts) {
    const auto entry = lake.journal->Find(verdict.transaction);
    if (!entry || entry->committed_ms || registry.IsConnected(verdict.transaction)) continue;
    Result<> result;
    if (verdict.outcome == Outcome::kAborted) result = RemoveAborted(lake, *entry);
    if (verdict.outcome == Outcome::kCommitted) result = RemoveUnreached(lake, *entry);
    if (result) continue;
    spdlog::warn("transaction {}: {}", verdict.transaction.ToString(), result.error().message);
    if (first) first = result;
  }
  return first;
}

}  // namespace tarn::lake
