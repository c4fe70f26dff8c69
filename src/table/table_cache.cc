// SPDX-License-Identifier: Apache-2.0
#include "table/table_cache.h"

#include <iterator>

#include "iceberg/model/metadata_memory.h"

namespace tarn::table {

Result<iceberg::LoadedTable> TableCache::Load(const std::string& metadata_location) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = by_location_.find(metadata_location);
    if (found != by_location_.end()) {
      tables_.splice(tables_.begin(), tables_, found->second);
      return tables_.front().table;
    }
  }
  TARN_ASSIGN(iceberg::LoadedTable table, iceberg::LoadTable(*storage_, metadata_location));
  Add(table);
  return table;
}

void TableCache::Add(const iceberg::LoadedTable& table) {
  const auto bytes = static_cast<int64_t>(iceberg::MemoryBytes(*table.metadata));
  if (bytes > limit_bytes_) return;
  Recency dropped;  // destroyed after the lock is released
  const std::lock_guard lock(mutex_);
  if (by_location_.contains(table.metadata_location)) return;
  while (bytes_ + bytes > limit_bytes_) DropLast(dropped);
  while (held_ && !held_->TryGrow(bytes)) {
    if (tables_.empty()) return;
    DropLast(dropped);
  }
  tables_.push_front({table, bytes});
  by_location_[table.metadata_location] = tables_.begin();
  bytes_ += bytes;
}

void TableCache::DropLast(Recency& dropped) {
  const auto last = std::prev(tables_.end());
  by_location_.erase(last->table.metadata_location);
  bytes_ -= last->bytes;
  if (held_) held_->Shrink(last->bytes);
  dropped.splice(dropped.end(), tables_, last);
}

}  // namespace tarn::table
