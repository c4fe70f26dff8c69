// SPDX-License-Identifier: Apache-2.0
#include "table/garbage.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/logging.h"
#include "iceberg/commit/commit_files.h"
#include "table/journal.h"
#include "table/ownership.h"

namespace tarn::table {
namespace {

/// Expired files of one location, of all its due commits.
struct ExpiredGroup {
  std::string holder;  ///< whose location it was
  std::string newest_metadata;
  std::vector<std::string> manifest_lists;
  std::vector<std::string> metadata_files;
  std::set<Uuid> writers;
};

bool IsNewer(const std::string& a, const std::string& b) {
  // Of one version, the longer name is that of a later attempt.
  const auto order = [](const std::string& location) {
    return std::pair(iceberg::MetadataVersionNumber(location), location.size());
  };
  return order(a) > order(b);
}

bool MayCollect(const iceberg::TableMetadata& metadata) {
  const auto found = metadata.properties.find("gc.enabled");
  return found == metadata.properties.end() || found->second != "false";
}

class Collector {
 public:
  Collector(const TableContext& table, const MayGoOn& may_go_on)
      : table_(table), may_go_on_(may_go_on), context_(MakeCommitContext(table, {})) {}

  int64_t files() const { return files_; }

  Result<> CollectExpired(const std::string& location, const ExpiredGroup& group) {
    TARN_ASSIGN(const bool ours, IsOurs(location, group.holder));
    if (!ours) return {};
    const auto current = iceberg::LoadTable(*table_.storage, group.newest_metadata);
    if (!current && current.error().kind == ErrorKind::kNotFound) {
      spdlog::warn("expired files of \"{}\" are left: it does not exist any more",
                   group.newest_metadata);
      return {};
    }
    TARN_TRY(current);
    if (!MayCollect(*current->metadata)) return {};
    // Lists go last, so that those that are there name all that is left to delete.
    std::vector<std::string> lists;
    for (const std::string& list : group.manifest_lists) {
      const auto head = table_.storage->Head(list);
      if (head) lists.push_back(list);
      if (!head && head.error().kind != ErrorKind::kNotFound) return std::unexpected(head.error());
    }
    TARN_ASSIGN(const auto files, iceberg::DereferencedFiles(context_, *current, lists));
    for (const std::string& file : files) TARN_TRY(Delete(file, lists));
    for (const std::string& list : lists) TARN_TRY(Delete(list));
    for (const std::string& file : group.metadata_files) TARN_TRY(Delete(file));
    return {};
  }

  Result<> CollectDropped(const DroppedLocation& dropped) {
    TARN_ASSIGN(const bool ours, IsOurs(dropped.location, dropped.holder));
    if (!ours) return {};
    const auto table = iceberg::LoadTable(*table_.storage, dropped.metadata_location);
    if (!table && table.error().kind == ErrorKind::kNotFound) return RemoveOwner(dropped);
    TARN_TRY(table);
    if (!MayCollect(*table->metadata)) return {};
    TARN_ASSIGN(const std::vector<std::string> files, FilesOf(*table, dropped));
    TARN_TRY(table_.storage->RemoveUnfinished(dropped.location + "/"));
    for (const std::string& file : files) {
      if (file != dropped.metadata_location) TARN_TRY(Delete(file));
    }
    TARN_TRY(RemoveOwner(dropped));
    return Delete(dropped.metadata_location);
  }

 private:
  /// False when somebody else (a copy of the database) has taken the table over since.
  /// Without an owner file an earlier attempt came as far as removing it.
  Result<bool> IsOurs(const std::string& location, const std::string& holder) {
    const auto owner = ReadOwner(*table_.storage, location);
    if (!owner && owner.error().kind == ErrorKind::kNotFound) return true;
    TARN_TRY(owner);
    if (owner->node == table_.journal->node() && owner->holder == holder) return true;
    spdlog::info("files of \"{}\" are left: somebody else has adopted them", location);
    return false;
  }

  Result<> Delete(const std::string& location, const std::vector<std::string>& but = {}) {
    if (std::ranges::find(but, location) != but.end()) return {};
    TARN_TRY(may_go_on_());
    TARN_TRY(table_.storage->Delete(location));
    ++files_;
    return {};
  }

  /// What the last metadata reaches. When an earlier attempt took a part of it already: all files
  /// of the table's kinds in its directory, which is the dropped table's alone.
  Result<std::vector<std::string>> FilesOf(const iceberg::LoadedTable& table,
                                           const DroppedLocation& dropped) {
    std::vector<std::string> files;
    const auto visited = iceberg::VisitReachableFiles(
        context_, table, [&files](const std::string& file) { files.push_back(file); });
    if (visited) return files;
    if (visited.error().kind != ErrorKind::kNotFound) return std::unexpected(visited.error());
    files.clear();
    for (const char* folder : {"/data/", "/metadata/"}) {
      TARN_TRY(table_.storage->List(
          dropped.location + folder, [&files](const storage::ObjectInfo& object) -> Result<> {
            for (const char* suffix : {".parquet", ".avro", ".metadata.json"}) {
              if (object.location.ends_with(suffix)) files.push_back(object.location);
            }
            return {};
          }));
    }
    return files;
  }

  Result<> RemoveOwner(const DroppedLocation& dropped) {
    const auto owner = ReadOwner(*table_.storage, dropped.location);
    if (!owner || owner->table_uuid != dropped.table_uuid ||
        owner->node != table_.journal->node()) {
      return {};
    }
    return Delete(OwnerFileLocation(dropped.location));
  }

  const TableContext& table_;
  const MayGoOn& may_go_on_;
  const iceberg::CommitContext context_;
  int64_t files_ = 0;
};

std::map<std::string, ExpiredGroup> GroupByLocation(const std::vector<JournalEntry>& due) {
  std::map<std::string, ExpiredGroup> groups;
  for (const JournalEntry& entry : due) {
    for (const ExpiredFiles& expired : entry.expired) {
      ExpiredGroup& group = groups[expired.location];
      group.holder = expired.holder;
      if (group.newest_metadata.empty() ||
          IsNewer(expired.metadata_location, group.newest_metadata)) {
        group.newest_metadata = expired.metadata_location;
      }
      group.manifest_lists.insert(group.manifest_lists.end(), expired.manifest_lists.begin(),
                                  expired.manifest_lists.end());
      group.metadata_files.insert(group.metadata_files.end(), expired.metadata_files.begin(),
                                  expired.metadata_files.end());
      group.writers.insert(entry.writer.id);
    }
  }
  return groups;
}

}  // namespace

Result<GarbageCollected> CollectGarbage(const TableContext& context, WriterFates& fates,
                                        int64_t safe_age_ms, const MayGoOn& may_go_on) {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  const int64_t now_ms = NowMs();
  TARN_TRY(context.journal->RecordCommits(now_ms));
  GarbageCollected answer;
  std::vector<JournalEntry> due;
  for (JournalEntry& entry : context.journal->Entries()) {
    if (entry.dropped.empty() && entry.expired.empty()) continue;
    ++answer.waiting;
    if (!entry.committed_ms || now_ms - *entry.committed_ms < safe_age_ms) continue;
    TARN_ASSIGN(const bool unread, fates.IsBeyondReaders(entry.writer));
    if (unread) due.push_back(std::move(entry));
  }
  Collector collector(context, may_go_on);
  std::set<Uuid> failed;
  const auto note = [&failed](const Result<>& result, const std::set<Uuid>& writers) {
    if (result) return;
    spdlog::warn("garbage collection: {}", result.error().message);
    failed.insert(writers.begin(), writers.end());
  };
  for (const auto& [location, group] : GroupByLocation(due)) {
    note(collector.CollectExpired(location, group), group.writers);
  }
  for (const JournalEntry& entry : due) {
    for (const DroppedLocation& dropped : entry.dropped) {
      note(collector.CollectDropped(dropped), {entry.writer.id});
    }
  }
  for (const JournalEntry& entry : due) {
    if (failed.contains(entry.writer.id)) continue;
    TARN_TRY(context.journal->Forget(entry.writer.id));
    --answer.waiting;
  }
  answer.files = collector.files();
  TARN_TRY(may_go_on());
  return answer;
}

}  // namespace tarn::table
