// SPDX-License-Identifier: Apache-2.0
#include "table/table_cache.h"

namespace tarn::table {

Result<iceberg::LoadedTable> TableCache::Load(const std::string& metadata_location) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = by_location_.find(metadata_location);
    if (found != by_location_.end()) {
      tables_.splice(tables_.begin(), tables_, found->second);
      return tables_.front();
    }
  }
  TARN_ASSIGN(iceberg::LoadedTable table, iceberg::LoadTable(*storage_, metadata_location));
  Add(table);
  return table;
}

void TableCache::Add(const iceberg::LoadedTable& table) {
  const std::lock_guard lock(mutex_);
  if (by_location_.contains(table.metadata_location)) return;
  tables_.push_front(table);
  by_location_[table.metadata_location] = tables_.begin();
  if (tables_.size() <= limit_) return;
  by_location_.erase(tables_.back().metadata_location);
  tables_.pop_back();
}

}  // namespace tarn::table
