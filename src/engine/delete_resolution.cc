// SPDX-License-Identifier: Apache-2.0
#include "engine/delete_resolution.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "engine/delete_query.h"
#include "engine/duckdb_error.h"

namespace tarn::engine {

namespace {

using iceberg::DeleteFile;
using iceberg::EqualityDelete;
using iceberg::PositionBitmap;

/// A key that names too many delete files costs more than it saves.
constexpr size_t kCachedSourcesMax = 64;

/// One data file while its deletes are collected.
struct Target {
  FileScan::File* file;
  std::string key;  ///< in the store; empty: not to be kept
  PositionBitmap deleted;
};

bool AppliesTo(const EqualityDelete& each, const FileScan::File& file) {
  return file.deletes->by_equality &&
         (!each.partition || *each.partition == file.deletes->partition) &&
         file.sequence_number < each.source.sequence_number();
}

std::string KeyOf(const FileScan::File& file, const std::vector<EqualityDelete>& equality) {
  std::vector<std::string> sources;
  for (const DeleteFile& source : file.deletes->positions) {
    sources.push_back(iceberg::DeleteIdentity(source.file()));
  }
  if (equality.size() > kCachedSourcesMax || sources.size() > kCachedSourcesMax) return {};
  for (const EqualityDelete& each : equality) {
    if (AppliesTo(each, file)) sources.push_back(iceberg::DeleteIdentity(each.source.file()));
  }
  std::ranges::sort(sources);
  std::string key = file.location;
  for (const std::string& source : sources) key += "\n" + source;
  return key;
}

class Resolver {
 public:
  Resolver(duckdb::ClientContext& context, const iceberg::ScanPlan& plan,
           std::shared_ptr<const iceberg::NameMapping> names, std::vector<Target>& targets)
      : context_(context), plan_(plan), names_(std::move(names)), targets_(targets) {}

  Result<> Run() {
    TARN_TRY(ReadPositions());
    // One join for all deletes over the same columns, and of the same reach.
    std::map<std::pair<std::vector<FieldId>, bool>, std::vector<const EqualityDelete*>> groups;
    for (const EqualityDelete& each : plan_.equality_deletes) {
      std::vector<FieldId> ids = each.source.file().equality_ids;
      std::ranges::sort(ids);
      ids.erase(std::ranges::unique(ids).begin(), ids.end());
      groups[{std::move(ids), each.partition.has_value()}].push_back(&each);
    }
    for (const auto& [group, deletes] : groups) TARN_TRY(JoinEquality(group.first, deletes));
    return {};
  }

 private:
  Result<> Add(Target& target, std::string_view source, int64_t position) {
    if (position < 0 || position >= target.file->record_count) {
      return Fail(ErrorKind::kCorruption,
                  "delete file \"{}\" deletes row {} of file \"{}\", which has {} rows", source,
                  position, target.file->location, target.file->record_count);
    }
    target.deleted.Add(position);
    return {};
  }

  Result<> ReadPositions() {
    std::vector<const DeleteFile*> sources;
    std::unordered_map<std::string_view, int64_t> ordinals;
    std::unordered_map<std::string_view, Target*> by_path;
    std::set<std::pair<int64_t, const Target*>> applies;
    for (Target& target : targets_) {
      for (const DeleteFile& source : target.file->deletes->positions) {
        const auto [at, added] =
            ordinals.try_emplace(source.file().file_path, static_cast<int64_t>(sources.size()));
        if (added) sources.push_back(&source);
        by_path[target.file->location] = &target;
        applies.emplace(at->second, &target);
      }
    }
    if (sources.empty()) return {};
    const FileScan scan = PositionDeleteScan(sources);
    std::string last_path;
    Target* target = nullptr;
    return ReadPositionDeletes(
        context_, scan, [&](int64_t source, std::string_view path, int64_t position) -> Result<> {
          if (target == nullptr || path != last_path) {
            last_path = path;
            const auto found = by_path.find(last_path);
            target = found == by_path.end() ? nullptr : found->second;
          }
          if (target == nullptr || !applies.contains({source, target})) return {};
          return Add(*target, scan.files[static_cast<size_t>(source)].location, position);
        });
  }

  Result<> JoinEquality(const std::vector<FieldId>& ids,
                        const std::vector<const EqualityDelete*>& deletes) {
    std::vector<Target*> reached;
    for (Target& target : targets_) {
      if (std::ranges::any_of(deletes,
                              [&](const auto* each) { return AppliesTo(*each, *target.file); })) {
        reached.push_back(&target);
      }
    }
    if (reached.empty()) return {};
    std::vector<const FileScan::File*> files;
    for (const Target* target : reached) files.push_back(target->file);
    TARN_ASSIGN(const EqualityJoin join,
                EqualityJoin::Make(*plan_.metadata, names_, ids, files, deletes));
    const std::string_view source = deletes.front()->source.file().file_path;
    return join.Run(context_, [&](int64_t file, int64_t position) {
      return Add(*reached[static_cast<size_t>(file)], source, position);
    });
  }

  duckdb::ClientContext& context_;
  const iceberg::ScanPlan& plan_;
  std::shared_ptr<const iceberg::NameMapping> names_;
  std::vector<Target>& targets_;
};

}  // namespace

Result<> ResolveDeletes(duckdb::ClientContext& context, DeleteStore& store,
                        const iceberg::ScanPlan& plan,
                        const std::shared_ptr<const iceberg::NameMapping>& names,
                        const std::vector<FileScan::File*>& files) {
  std::vector<Target> targets;
  for (FileScan::File* file : files) {
    if (file->deletes == nullptr) continue;
    if (file->deletes->positions.empty() && !file->deletes->by_equality) continue;
    std::string key = KeyOf(*file, plan.equality_deletes);
    if (!key.empty()) file->deleted = store.Find(key);
    if (file->deleted == nullptr) targets.push_back({file, std::move(key), {}});
  }
  if (targets.empty()) return {};
  TARN_TRY(Resolver(context, plan, names, targets).Run());
  for (Target& target : targets) {
    target.file->deleted = std::make_shared<const PositionBitmap>(std::move(target.deleted));
    if (!target.key.empty()) store.Put(target.key, target.file->deleted);
  }
  return {};
}

}  // namespace tarn::engine
