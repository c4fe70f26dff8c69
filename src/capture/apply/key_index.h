// SPDX-License-Identifier: Apache-2.0
// Where the row of each key is.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/strong_id.h"
#include "capture/apply/key_hash.h"

namespace tarn::capture {

/// A data file, as an index numbers it.
using IndexedFile = StrongId<uint32_t, struct IndexedFileTag>;

/// Row `position` of a file.
struct RowPlace {
  IndexedFile file;
  uint32_t position = 0;
  auto operator<=>(const RowPlace&) const = default;
};

/// Open addressing with linear probing, some 34 bytes per key. Used by one thread.
class KeyIndex {
 public:
  std::optional<RowPlace> Find(const KeyHash& key) const;
  void Put(const KeyHash& key, RowPlace place);
  /// Without harm where it is not there.
  void Erase(const KeyHash& key);
  /// Room for so many keys, at once.
  void Reserve(size_t keys);

  /// The file's number, a new one where it has none.
  IndexedFile NumberOf(const std::string& path);
  bool Knows(const std::string& path) const { return numbers_.contains(path); }
  const std::string& PathOf(IndexedFile file) const { return paths_[file.value()]; }

  size_t size() const { return size_; }
  int64_t memory_bytes() const;

  template <typename Visit>
  void ForEach(Visit&& visit) const {
    for (const Slot& slot : slots_) {
      if (slot.file != kFree) visit(slot.key, RowPlace{IndexedFile(slot.file), slot.position});
    }
  }

 private:
  static constexpr uint32_t kFree = 0xFFFFFFFF;
  struct Slot {
    KeyHash key;
    uint32_t file = kFree;
    uint32_t position = 0;
  };

  size_t SlotOf(const KeyHash& key) const;  ///< the key's, or the free one where it would be
  void Grow(size_t slots);

  std::vector<Slot> slots_;
  size_t size_ = 0;
  std::vector<std::string> paths_;
  std::map<std::string, IndexedFile> numbers_;
};

}  // namespace tarn::capture
