// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <map>
#include <mutex>
#include <string>

#include "base/result.h"
#include "iceberg/commit/commit.h"

namespace tarn::table {

/// Parsed metadata files by location, least recently used out first. Metadata files are immutable,
/// so an entry never goes stale. Thread-safe; two threads may parse the same file at once.
class TableCache {
 public:
  TableCache(storage::Storage* storage, size_t limit) : storage_(storage), limit_(limit) {}

  Result<iceberg::LoadedTable> Load(const std::string& metadata_location);
  /// Puts what was just written.
  void Add(const iceberg::LoadedTable& table);

 private:
  using Recency = std::list<iceberg::LoadedTable>;

  storage::Storage* const storage_;
  const size_t limit_;
  std::mutex mutex_;
  Recency tables_;  ///< most recent first
  std::map<std::string, Recency::iterator, std::less<>> by_location_;
};

}  // namespace tarn::table
