// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/load_records.h"

namespace tarn::warehouse {

Result<std::optional<LoadedFile>> LoadRecords::Find(const Snapshot& snapshot, ObjectId table,
                                                    std::string_view location) const {
  if (const auto loads = tables_.find(table); loads != tables_.end()) {
    const auto load = loads->second.files.find(location);
    if (load != loads->second.files.end()) return std::optional(load->second.file);
    if (loads->second.forgets) return std::optional<LoadedFile>();
  }
  return FindLoadedFile(snapshot, table, location);
}

bool LoadRecords::forgets(ObjectId table) const {
  const auto loads = tables_.find(table);
  return loads != tables_.end() && loads->second.forgets;
}

void LoadRecords::Add(ObjectId table, LoadedFile file, std::optional<LoadedFile> stored,
                      bool forced) {
  auto& files = tables_[table].files;
  const auto found = files.find(file.location);
  if (found != files.end()) {
    // What others must not have changed is what the first of them knew.
    found->second.file = std::move(file);
    return;
  }
  std::string location = file.location;
  files.emplace(std::move(location), Load{std::move(file), std::move(stored), forced});
}

void LoadRecords::Forget(ObjectId table) {
  TableLoads& loads = tables_[table];
  loads.forgets = true;
  loads.files.clear();
}

Result<bool> LoadRecords::Write(Transaction& transaction) const {
  for (const auto& [table, loads] : tables_) {
    for (const auto& [location, load] : loads.files) {
      if (loads.forgets || load.forced) continue;
      TARN_ASSIGN(const auto stored, FindLoadedFile(transaction, table, location));
      if (stored != load.stored) return false;
    }
  }
  for (const auto& [table, loads] : tables_) {
    if (loads.forgets) TARN_TRY(ForgetLoads(transaction, table));
    for (const auto& [location, load] : loads.files) {
      TARN_TRY(RecordLoad(transaction, table, load.file));
    }
  }
  return true;
}

}  // namespace tarn::warehouse
