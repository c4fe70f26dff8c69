// SPDX-License-Identifier: Apache-2.0
#include "table/garbage.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/logging.h"
#include "iceberg/commit/commit_files.h"
#include "table/journal.h"
#include "table/ownership.h"
#include "table/pins.h"

namespace tarn::table {
namespace {

/// Deleted and made durable at once.
constexpr size_t kBatchFiles = 500;

using Batch = std::shared_ptr<const GarbageBatch>;

/// Expired files of one location, of all its due batches.
struct ExpiredGroup {
  std::string newest_metadata;
  std::vector<std::string> manifest_lists;
  std::vector<std::string> metadata_files;
  std::set<Uuid> batches;
};

/// By location and holder.
using ExpiredGroups = std::map<std::pair<std::string, std::string>, ExpiredGroup>;

bool MayCollect(const iceberg::TableMetadata& metadata) {
  const auto found = metadata.properties.find("gc.enabled");
  return found == metadata.properties.end() || found->second != "false";
}

/// What pins hold of a table: snapshots that stand in no retained metadata any more.
struct Pinned {
  std::set<std::string> metadata_files;
  std::vector<iceberg::CommittedSnapshot> snapshots;
};

class Collector {
 public:
  Collector(const TableContext& table, const MayGoOn& may_go_on, const NewestState& newest,
            DroppedFiles dropped_files)
      : table_(table),
        may_go_on_(may_go_on),
        newest_(newest),
        dropped_files_(dropped_files),
        context_(MakeCommitContext(table, {})) {}

  int64_t files() const { return files_; }

  /// False: a pin holds some of it.
  Result<bool> CollectExpired(const std::string& location, const std::string& holder,
                              const ExpiredGroup& group) {
    TARN_ASSIGN(const bool ours, IsOurs(location, holder));
    if (!ours) return true;
    const auto current = Retained(location, group.newest_metadata);
    if (!current && current.error().kind == ErrorKind::kNotFound) {
      spdlog::warn("expired files of \"{}\" are left: it does not exist any more",
                   group.newest_metadata);
      return true;
    }
    TARN_TRY(current);
    if (!MayCollect(*current->metadata)) return true;
    TARN_ASSIGN(const Pinned pinned, PinnedOf(location));
    TARN_ASSIGN(const bool lists_done, DeleteSnapshots(*current, group.manifest_lists, pinned));
    TARN_ASSIGN(const bool metadata_done, DeleteMetadata(group.metadata_files, pinned));
    return lists_done && metadata_done;
  }

  /// False: somebody still reads it by a pin.
  Result<bool> CollectDropped(const DroppedLocation& dropped) {
    TARN_ASSIGN(const bool ours, IsOurs(dropped.location, dropped.holder));
    if (!ours) return true;
    TARN_ASSIGN(const auto pins, ReadPins(*table_.storage, dropped.location, context_.now_ms));
    if (!pins.empty()) return false;
    TARN_TRY(DeleteTable(dropped));
    return true;
  }

  /// Only the metadata files of one batch, none of which is read on in by anybody.
  Result<bool> CollectMetadata(const ExpiredFiles& expired) {
    TARN_ASSIGN(const bool ours, IsOurs(expired.location, expired.holder));
    if (!ours) return true;
    TARN_ASSIGN(const Pinned pinned, PinnedOf(expired.location));
    return DeleteMetadata(expired.metadata_files, pinned);
  }

 private:
  Result<> DeleteTable(const DroppedLocation& dropped) {
    const auto table = iceberg::LoadTable(*table_.storage, dropped.metadata_location);
    if (!table && table.error().kind == ErrorKind::kNotFound) return RemoveOwner(dropped);
    TARN_TRY(table);
    if (!MayCollect(*table->metadata)) return {};
    TARN_ASSIGN(std::vector<std::string> files, FilesOf(*table, dropped));
    const std::string own = dropped.location + "/";
    const bool all = dropped_files_ == DroppedFiles::kAllReached;
    if (!all) std::erase_if(files, [&](const std::string& file) { return !file.starts_with(own); });
    TARN_TRY(table_.storage->RemoveUnfinished(dropped.location + "/"));
    TARN_TRY(AddPins(dropped.location, files));
    std::erase(files, dropped.metadata_location);
    TARN_TRY(Delete(files));
    TARN_TRY(RemoveOwner(dropped));
    if (!all && !dropped.metadata_location.starts_with(own)) return {};
    return Delete({dropped.metadata_location});
  }

  /// Pins are read after it was decided what is due: whoever pins and then finds the snapshot in
  /// the newest metadata pins something that is not due.
  Result<Pinned> PinnedOf(const std::string& location) {
    Pinned pinned;
    TARN_ASSIGN(const std::vector<Pin> pins, ReadPins(*table_.storage, location, context_.now_ms));
    for (const Pin& pin : pins) {
      pinned.metadata_files.insert(pin.metadata_location);
      TARN_ASSIGN(const auto table, iceberg::LoadTable(*table_.storage, pin.metadata_location));
      for (const auto& snapshot : table.metadata->snapshots) {
        if (snapshot->id == pin.snapshot_id) pinned.snapshots.push_back(snapshot);
      }
    }
    return pinned;
  }

  /// The state that tells what is still reached: that of the last commit, whose other snapshots
  /// stay as long as their lists do, and the newest.
  Result<iceberg::LoadedTable> Retained(const std::string& location,
                                        const std::string& metadata_location) {
    auto last = iceberg::LoadTable(*table_.storage, metadata_location);
    if (newest_ == nullptr) return last;
    TARN_ASSIGN(const iceberg::LoadedTable newest, newest_(location));
    if (!last && last.error().kind == ErrorKind::kNotFound) return newest;
    TARN_TRY(last);
    iceberg::TableMetadata retained = *newest.metadata;
    for (const auto& snapshot : last->metadata->snapshots) {
      if (retained.FindSnapshot(snapshot->id) != nullptr) continue;
      if (!snapshot->has_manifest_array()) {
        const auto list = table_.storage->Head(snapshot->manifest_list);
        if (!list && list.error().kind == ErrorKind::kNotFound) continue;
        if (!list) return std::unexpected(list.error());
      }
      retained.snapshots.push_back(snapshot);
    }
    return iceberg::LoadedTable{
        newest.metadata_location,
        std::make_shared<const iceberg::TableMetadata>(std::move(retained))};
  }

  Result<bool> DeleteSnapshots(const iceberg::LoadedTable& current,
                               const std::vector<std::string>& expired, const Pinned& pinned) {
    iceberg::TableMetadata retained = *current.metadata;
    std::set<std::string> held;
    for (const auto& snapshot : pinned.snapshots) {
      if (retained.FindSnapshot(snapshot->id) != nullptr) continue;
      held.insert(snapshot->manifest_list);
      retained.snapshots.push_back(snapshot);
    }
    // Lists go last, so that those that are there name all that is left to delete.
    std::vector<std::string> lists;
    bool done = true;
    for (const std::string& list : expired) {
      if (held.contains(list)) {
        done = false;
        continue;
      }
      const auto head = table_.storage->Head(list);
      if (head) lists.push_back(list);
      if (!head && head.error().kind != ErrorKind::kNotFound) return std::unexpected(head.error());
    }
    const iceberg::LoadedTable table{
        current.metadata_location,
        std::make_shared<const iceberg::TableMetadata>(std::move(retained))};
    // Other journals, and this one while a pin held some of these, may have collected the snapshot
    // that deleted a file before the last one that had it.
    const bool forgotten = newest_ != nullptr || lists.size() != expired.size();
    TARN_ASSIGN(auto files,
                iceberg::DereferencedFiles(
                    context_, table, lists,
                    forgotten ? iceberg::Deletions::kSomeForgotten : iceberg::Deletions::kAllTold));
    const std::unordered_set<std::string> are_lists(lists.begin(), lists.end());
    std::erase_if(files, [&](const std::string& file) { return are_lists.contains(file); });
    TARN_TRY(Delete(files));
    TARN_TRY(Delete(lists));
    return done;
  }

  Result<bool> DeleteMetadata(std::vector<std::string> files, const Pinned& pinned) {
    const size_t held = std::erase_if(
        files, [&](const std::string& file) { return pinned.metadata_files.contains(file); });
    TARN_TRY(Delete(files));
    return held == 0;
  }

  /// False when somebody else (a copy of the database) has taken the table over since. Without an
  /// owner file an earlier attempt came as far as removing it.
  Result<bool> IsOurs(const std::string& location, const std::string& holder) {
    const auto owner = ReadOwner(*table_.storage, location);
    if (!owner && owner.error().kind == ErrorKind::kNotFound) return true;
    TARN_TRY(owner);
    if (owner->node == table_.journal->node() && owner->holder == holder) return true;
    spdlog::info("files of \"{}\" are left: somebody else has adopted them", location);
    return false;
  }

  Result<> Delete(std::span<const std::string> locations) {
    while (!locations.empty()) {
      TARN_TRY(may_go_on_());
      const size_t count = std::min(locations.size(), kBatchFiles);
      TARN_TRY(table_.storage->DeleteAll(locations.first(count)));
      files_ += static_cast<int64_t>(count);
      locations = locations.subspan(count);
    }
    return {};
  }

  Result<> Delete(const std::vector<std::string>& locations) {
    return Delete(std::span<const std::string>(locations));
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
            for (const char* suffix : {".parquet", ".avro", ".puffin", ".metadata.json"}) {
              if (object.location.ends_with(suffix)) files.push_back(object.location);
            }
            return {};
          }));
    }
    return files;
  }

  /// Those that ran out.
  Result<> AddPins(const std::string& location, std::vector<std::string>& files) {
    return table_.storage->List(location + "/metadata/tarn-pins/",
                                [&files](const storage::ObjectInfo& object) -> Result<> {
                                  files.push_back(object.location);
                                  return {};
                                });
  }

  Result<> RemoveOwner(const DroppedLocation& dropped) {
    const auto owner = ReadOwner(*table_.storage, dropped.location);
    if (!owner || owner->table_uuid != dropped.table_uuid ||
        owner->node != table_.journal->node()) {
      return {};
    }
    return Delete({OwnerFileLocation(dropped.location)});
  }

  const TableContext& table_;
  const MayGoOn& may_go_on_;
  const NewestState& newest_;
  const DroppedFiles dropped_files_;
  const iceberg::CommitContext context_;
  int64_t files_ = 0;
};

/// One run over the batches of one issuer.
class Collection {
 public:
  Collection(const TableContext& context, WriterFates& fates, const SafeAges& ages,
             const MayGoOn& may_go_on, const NewestState& newest, DroppedFiles dropped_files)
      : context_(context),
        fates_(fates),
        ages_(ages),
        may_go_on_(may_go_on),
        collector_(context, may_go_on, newest, dropped_files) {}

  Result<GarbageCollected> Run() {
    TARN_TRY(Choose());
    for (const auto& [key, group] : GroupByLocation()) {
      Note(collector_.CollectExpired(key.first, key.second, group), group.batches);
    }
    for (const Batch& batch : due_) {
      for (const DroppedLocation& dropped : batch->dropped) {
        Note(collector_.CollectDropped(dropped), {batch->id});
      }
    }
    for (const Batch& batch : due_) {
      if (unfinished_.contains(batch->id)) continue;
      TARN_TRY(context_.journal->ReplaceGarbage(batch->id, std::nullopt));
      --waiting_;
    }
    for (const Batch& batch : early_) {
      const auto collected = CollectEarly(*batch);
      if (!collected) spdlog::warn("garbage collection: {}", collected.error().message);
    }
    TARN_TRY(may_go_on_());
    return GarbageCollected{.files = collector_.files(), .waiting = waiting_};
  }

 private:
  Result<> Choose() {
    const int64_t now_ms = NowMs();
    for (const Batch& batch : context_.journal->Garbage()) {
      if (batch->issuer != fates_.issuer()) continue;
      ++waiting_;
      for (const ExpiredFiles& expired : batch->expired) {
        telling_.insert(expired.metadata_location);
      }
      const int64_t age_ms = now_ms - batch->committed_ms;
      if (age_ms < std::min(ages_.files_ms, ages_.metadata_ms)) continue;
      TARN_ASSIGN(const bool unread, fates_.IsBeyondReaders(batch->mark));
      if (!unread) continue;
      if (age_ms >= ages_.files_ms) {
        due_.push_back(batch);
      } else {
        early_.push_back(batch);
      }
    }
    return {};
  }

  ExpiredGroups GroupByLocation() const {
    ExpiredGroups groups;
    for (const Batch& batch : due_) {
      for (const ExpiredFiles& expired : batch->expired) {
        ExpiredGroup& group = groups[{expired.location, expired.holder}];
        if (group.newest_metadata.empty() ||
            iceberg::IsNewerMetadata(expired.metadata_location, group.newest_metadata)) {
          group.newest_metadata = expired.metadata_location;
        }
        group.manifest_lists.insert(group.manifest_lists.end(), expired.manifest_lists.begin(),
                                    expired.manifest_lists.end());
        group.metadata_files.insert(group.metadata_files.end(), expired.metadata_files.begin(),
                                    expired.metadata_files.end());
        group.batches.insert(batch->id);
      }
    }
    return groups;
  }

  /// The metadata files of a batch whose other files are not due, but for those that will tell of
  /// some batch what is still reached.
  Result<> CollectEarly(const GarbageBatch& batch) {
    GarbageBatch rest = batch;
    bool changed = false;
    for (size_t i = 0; i < rest.expired.size(); ++i) {
      ExpiredFiles& kept = rest.expired[i];
      std::erase_if(kept.metadata_files,
                    [this](const std::string& file) { return !telling_.contains(file); });
      if (kept.metadata_files.size() == batch.expired[i].metadata_files.size()) continue;
      ExpiredFiles going = batch.expired[i];
      std::erase_if(going.metadata_files,
                    [this](const std::string& file) { return telling_.contains(file); });
      const auto done = collector_.CollectMetadata(going);
      if (!done) return std::unexpected(done.error());
      if (!*done) return {};
      changed = true;
    }
    return changed ? context_.journal->ReplaceGarbage(batch.id, std::move(rest)) : Result<>();
  }

  void Note(const Result<bool>& result, const std::set<Uuid>& batches) {
    if (result && *result) return;
    if (!result) spdlog::warn("garbage collection: {}", result.error().message);
    unfinished_.insert(batches.begin(), batches.end());
  }

  const TableContext& context_;
  WriterFates& fates_;
  const SafeAges ages_;
  const MayGoOn& may_go_on_;
  Collector collector_;
  std::vector<Batch> due_;
  std::vector<Batch> early_;
  std::set<std::string> telling_;  ///< metadata files that batches look into when they are due
  std::set<Uuid> unfinished_;
  int64_t waiting_ = 0;
};

}  // namespace

Result<GarbageCollected> CollectGarbage(const TableContext& context, WriterFates& fates,
                                        const SafeAges& ages, const MayGoOn& may_go_on,
                                        const NewestState& newest, DroppedFiles dropped) {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  return Collection(context, fates, ages, may_go_on, newest, dropped).Run();
}

}  // namespace tarn::table
