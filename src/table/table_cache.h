// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/memory_budget.h"
#include "base/result.h"
#include "iceberg/commit/commit.h"

namespace tarn::table {

/// Parsed metadata files by location, least recently used out first. Metadata files are immutable,
/// so an entry never goes stale. Thread-safe; two threads may parse the same file at once.
class TableCache {
 public:
  /// A table larger than the limit is read and not kept. `held` counts what is kept, where it is of
  /// a budget: less is kept where there is no room in that.
  TableCache(storage::Storage* storage, int64_t limit_bytes,
             std::optional<MemoryReservation> held = std::nullopt)
      : storage_(storage), limit_bytes_(limit_bytes), held_(std::move(held)) {}

  Result<iceberg::LoadedTable> Load(const std::string& metadata_location);
  /// Puts what was just written.
  void Add(const iceberg::LoadedTable& table);

 private:
  struct Slot {
    iceberg::LoadedTable table;
    int64_t bytes = 0;
  };
  using Recency = std::list<Slot>;

  void DropLast(Recency& dropped);

  storage::Storage* const storage_;
  const int64_t limit_bytes_;
  std::mutex mutex_;
  Recency tables_;  ///< most recent first
  std::map<std::string, Recency::iterator, std::less<>> by_location_;
  int64_t bytes_ = 0;
  std::optional<MemoryReservation> held_;
};

}  // namespace tarn::table
