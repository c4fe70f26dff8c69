// SPDX-License-Identifier: Apache-2.0
#include "capture/apply/key_index.h"

#include <bit>
#include <utility>

namespace tarn::capture {
namespace {

constexpr size_t kSlotsLeast = 1024;
/// Of the slots are used at most seven tenths.
constexpr size_t kLoadOf = 10, kLoadMost = 7;

}  // namespace

size_t KeyIndex::SlotOf(const KeyHash& key) const {
  const size_t mask = slots_.size() - 1;
  size_t slot = key.high & mask;
  while (slots_[slot].file != kFree && slots_[slot].key != key) slot = (slot + 1) & mask;
  return slot;
}

std::optional<RowPlace> KeyIndex::Find(const KeyHash& key) const {
  if (slots_.empty()) return std::nullopt;
  const Slot& slot = slots_[SlotOf(key)];
  if (slot.file == kFree) return std::nullopt;
  return RowPlace{IndexedFile(slot.file), slot.position};
}

void KeyIndex::Put(const KeyHash& key, RowPlace place) {
  Reserve(size_ + 1);
  Slot& slot = slots_[SlotOf(key)];
  if (slot.file == kFree) ++size_;
  slot = {key, place.file.value(), place.position};
}

void KeyIndex::Erase(const KeyHash& key) {
  if (slots_.empty()) return;
  size_t hole = SlotOf(key);
  if (slots_[hole].file == kFree) return;
  --size_;
  // Those behind move up, so that no search ends at the hole before them.
  const size_t mask = slots_.size() - 1;
  for (size_t next = (hole + 1) & mask; slots_[next].file != kFree; next = (next + 1) & mask) {
    const size_t home = slots_[next].key.high & mask;
    if (((next - home) & mask) < ((next - hole) & mask)) continue;
    slots_[hole] = slots_[next];
    hole = next;
  }
  slots_[hole].file = kFree;
}

void KeyIndex::Reserve(size_t keys) {
  const size_t needed = keys * kLoadOf / kLoadMost + 1;
  if (needed > slots_.size()) Grow(std::bit_ceil(std::max(needed, kSlotsLeast)));
}

void KeyIndex::Grow(size_t slots) {
  const std::vector<Slot> before = std::exchange(slots_, std::vector<Slot>(slots));
  for (const Slot& slot : before) {
    if (slot.file != kFree) slots_[SlotOf(slot.key)] = slot;
  }
}

IndexedFile KeyIndex::NumberOf(const std::string& path) {
  const auto [entry, added] =
      numbers_.try_emplace(path, IndexedFile(static_cast<uint32_t>(paths_.size())));
  if (added) paths_.push_back(path);
  return entry->second;
}

int64_t KeyIndex::memory_bytes() const {
  return static_cast<int64_t>(slots_.capacity() * sizeof(Slot));
}

}  // namespace tarn::capture
