// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/result.h"
#include "iceberg/deletes/position_bitmap.h"
#include "iceberg/plan/delete_file.h"
#include "storage/storage.h"

namespace tarn::engine {

using PositionsPtr = std::shared_ptr<const iceberg::PositionBitmap>;

/// Deleted positions of data files, as far as they were asked for before: least recently used out
/// first. Files never change, so that an entry never goes stale. Thread-safe; two threads may load
/// the same at once.
class DeleteStore {
 public:
  DeleteStore(storage::Storage* storage, size_t memory_limit_bytes)
      : storage_(storage), memory_limit_bytes_(memory_limit_bytes) {}

  /// The vector that the entry describes. Corruption unless the blob at its coordinates is one, for
  /// this data file, of as many positions as the entry says and none past `data_rows`.
  Result<PositionsPtr> LoadVector(const iceberg::DataFile& vector, int64_t data_rows);

  /// What was put under the key, or null.
  PositionsPtr Find(const std::string& key);
  void Put(const std::string& key, PositionsPtr positions);

 private:
  using Entry = std::pair<std::string, PositionsPtr>;

  storage::Storage* storage_;
  const size_t memory_limit_bytes_;
  std::mutex mutex_;
  size_t memory_bytes_ = 0;
  std::list<Entry> entries_;  ///< most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key_;
};

}  // namespace tarn::engine
