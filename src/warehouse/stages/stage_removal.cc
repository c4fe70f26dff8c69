// SPDX-License-Identifier: Apache-2.0
#include "warehouse/stages/stage_removal.h"

#include <charconv>

namespace tarn::warehouse {
namespace {

/// The stage in whose folder the file lies; absent for what is no file of a stage.
std::optional<ObjectId> StageOf(std::string_view location, std::string_view stages_location) {
  location.remove_prefix(stages_location.size() + 1);
  const std::string_view folder = location.substr(0, location.find('/'));
  int64_t id = 0;
  const auto parsed = std::from_chars(folder.data(), folder.data() + folder.size(), id);
  if (parsed.ec != std::errc() || parsed.ptr != folder.data() + folder.size()) return std::nullopt;
  return ObjectId(id);
}

}  // namespace

Result<> RemoveFilesOfStage(Account& account, ObjectId stage) {
  storage::Storage& storage = *account.tables().storage;
  std::vector<std::string> removed;
  const std::string folder = fmt::format("{}/{}/", account.stages_location(), stage.value());
  TARN_TRY(storage.List(folder, [&](const storage::ObjectInfo& object) -> Result<> {
    removed.push_back(object.location);
    return {};
  }));
  return storage.DeleteAll(removed);
}

Result<> RemoveFilesOfDroppedStages(Account& account) {
  storage::Storage& storage = *account.tables().storage;
  const std::string& stages = account.stages_location();
  std::vector<std::string> removed;
  {
    // Files first: a stage that is made meanwhile is in the moment that is read afterwards.
    std::vector<std::string> found;
    TARN_TRY(storage.List(stages + "/", [&](const storage::ObjectInfo& object) -> Result<> {
      found.push_back(object.location);
      return {};
    }));
    if (found.empty()) return {};
    TARN_ASSIGN(const auto snapshot, account.metastore().Read());
    for (std::string& location : found) {
      const auto id = StageOf(location, stages);
      if (!id) continue;
      TARN_ASSIGN(const auto head, snapshot->FindHead(*id));
      // In a dropped schema it is still there, and may come back.
      if (!head) removed.push_back(std::move(location));
    }
  }
  return storage.DeleteAll(removed);
}

}  // namespace tarn::warehouse
