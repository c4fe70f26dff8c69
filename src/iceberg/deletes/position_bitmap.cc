// SPDX-License-Identifier: Apache-2.0
#include "iceberg/deletes/position_bitmap.h"

#include <roaring/roaring.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <new>
#include <utility>

#include "iceberg/deletes/roaring_format.h"

namespace tarn::iceberg {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr uint64_t kKeySpan = uint64_t{1} << 32;
constexpr uint32_t kMaxKey = static_cast<uint32_t>(PositionBitmap::kMaxPosition >> 32);

uint32_t KeyOf(int64_t position) { return static_cast<uint32_t>(position >> 32); }
uint32_t LowOf(int64_t position) { return static_cast<uint32_t>(position); }
int64_t PositionOf(uint32_t key, uint32_t low) {
  return static_cast<int64_t>((uint64_t{key} << 32) | low);
}

roaring_bitmap_t* CheckAllocated(roaring_bitmap_t* bitmap) {
  if (bitmap == nullptr) throw std::bad_alloc();
  return bitmap;
}

/// The part of [begin, end) that has the key, in lower halves; `end` up to 2^32.
std::pair<uint64_t, uint64_t> WithinKey(uint32_t key, int64_t begin, int64_t end) {
  const uint64_t first = uint64_t{key} << 32;
  const auto cut = [&](int64_t position) {
    const auto unsigned_position = static_cast<uint64_t>(std::max<int64_t>(position, 0));
    return unsigned_position <= first ? 0 : std::min(unsigned_position - first, kKeySpan);
  };
  return {cut(begin), cut(end)};
}

}  // namespace

void PositionBitmap::Free::operator()(roaring_bitmap_s* bitmap) const {
  roaring_bitmap_free(bitmap);
}

PositionBitmap::PositionBitmap(const PositionBitmap& other) {
  for (const auto& [key, bitmap] : other.bitmaps_) {
    bitmaps_.emplace(key, CheckAllocated(roaring_bitmap_copy(bitmap.get())));
  }
}

PositionBitmap& PositionBitmap::operator=(const PositionBitmap& other) {
  if (this != &other) *this = PositionBitmap(other);
  return *this;
}

roaring_bitmap_s* PositionBitmap::BitmapFor(uint32_t key) {
  Bitmap& bitmap = bitmaps_[key];
  if (!bitmap) bitmap.reset(CheckAllocated(roaring_bitmap_create()));
  return bitmap.get();
}

void PositionBitmap::Add(int64_t position) {
  assert(position >= 0 && position <= kMaxPosition);
  roaring_bitmap_add(BitmapFor(KeyOf(position)), LowOf(position));
}

void PositionBitmap::Add(std::span<const int64_t> positions) {
  std::array<uint32_t, 1024> lows;
  size_t next = 0;
  while (next < positions.size()) {
    const uint32_t key = KeyOf(positions[next]);
    size_t count = 0;
    for (; next < positions.size() && count < lows.size() && KeyOf(positions[next]) == key;
         ++next) {
      assert(positions[next] >= 0 && positions[next] <= kMaxPosition);
      lows[count++] = LowOf(positions[next]);
    }
    roaring_bitmap_add_many(BitmapFor(key), count, lows.data());
  }
}

void PositionBitmap::AddRange(int64_t begin, int64_t end) {
  assert(begin >= end || (begin >= 0 && end <= kMaxPosition + 1));
  while (begin < end) {
    const uint32_t key = KeyOf(begin);
    const int64_t until = std::min(end, PositionOf(key, 0) + static_cast<int64_t>(kKeySpan));
    roaring_bitmap_add_range_closed(BitmapFor(key), LowOf(begin), LowOf(until - 1));
    begin = until;
  }
}

void PositionBitmap::UnionWith(const PositionBitmap& other) {
  if (this == &other) return;
  for (const auto& [key, bitmap] : other.bitmaps_) {
    roaring_bitmap_or_inplace(BitmapFor(key), bitmap.get());
  }
}

void PositionBitmap::Subtract(const PositionBitmap& other) {
  if (this == &other) {
    bitmaps_.clear();
    return;
  }
  for (const auto& [key, bitmap] : other.bitmaps_) {
    const auto mine = bitmaps_.find(key);
    if (mine == bitmaps_.end()) continue;
    roaring_bitmap_andnot_inplace(mine->second.get(), bitmap.get());
    if (roaring_bitmap_is_empty(mine->second.get())) bitmaps_.erase(mine);
  }
}

bool PositionBitmap::Contains(int64_t position) const {
  if (position < 0) return false;
  const auto found = bitmaps_.find(KeyOf(position));
  return found != bitmaps_.end() && roaring_bitmap_contains(found->second.get(), LowOf(position));
}

int64_t PositionBitmap::cardinality() const {
  uint64_t sum = 0;
  for (const auto& [key, bitmap] : bitmaps_) sum += roaring_bitmap_get_cardinality(bitmap.get());
  return static_cast<int64_t>(sum);
}

int64_t PositionBitmap::CountIn(int64_t begin, int64_t end) const {
  uint64_t sum = 0;
  for (const auto& [key, bitmap] : bitmaps_) {
    const auto [from, until] = WithinKey(key, begin, end);
    if (from < until) sum += roaring_bitmap_range_cardinality(bitmap.get(), from, until);
  }
  return static_cast<int64_t>(sum);
}

std::optional<int64_t> PositionBitmap::lowest() const {
  if (bitmaps_.empty()) return std::nullopt;
  const auto& [key, bitmap] = *bitmaps_.begin();
  return PositionOf(key, roaring_bitmap_minimum(bitmap.get()));
}

std::optional<int64_t> PositionBitmap::highest() const {
  if (bitmaps_.empty()) return std::nullopt;
  const auto& [key, bitmap] = *bitmaps_.rbegin();
  return PositionOf(key, roaring_bitmap_maximum(bitmap.get()));
}

bool PositionBitmap::operator==(const PositionBitmap& other) const {
  return std::ranges::equal(bitmaps_, other.bitmaps_, [](const auto& a, const auto& b) {
    return a.first == b.first && roaring_bitmap_equals(a.second.get(), b.second.get());
  });
}

size_t PositionBitmap::Read(int64_t begin, int64_t end, std::span<int64_t> out) const {
  size_t count = 0;
  if (begin >= end || end <= 0) return 0;
  for (auto at = bitmaps_.lower_bound(KeyOf(std::max<int64_t>(begin, 0))); at != bitmaps_.end();
       ++at) {
    const auto [from, until] = WithinKey(at->first, begin, end);
    if (from >= until) return count;
    roaring_uint32_iterator_t iterator;
    roaring_init_iterator(at->second.get(), &iterator);
    if (from > 0) {
      roaring_move_uint32_iterator_equalorlarger(&iterator, static_cast<uint32_t>(from));
    }
    for (; iterator.has_value && iterator.current_value < until;
         roaring_advance_uint32_iterator(&iterator)) {
      if (count == out.size()) return count;
      out[count++] = PositionOf(at->first, iterator.current_value);
    }
  }
  return count;
}

size_t PositionBitmap::memory_bytes() const {
  constexpr size_t kNodeBytes = 128;
  size_t bytes = sizeof *this;
  for (const auto& [key, bitmap] : bitmaps_) {
    bytes += kNodeBytes + roaring_bitmap_portable_size_in_bytes(bitmap.get());
  }
  return bytes;
}

std::string PositionBitmap::Serialize() const {
  PositionBitmap compact(*this);
  size_t size = sizeof(uint64_t);
  for (const auto& [key, bitmap] : compact.bitmaps_) {
    roaring_bitmap_run_optimize(bitmap.get());
    size += sizeof key + roaring_bitmap_portable_size_in_bytes(bitmap.get());
  }
  std::string out(size, '\0');
  char* next = out.data();
  const uint64_t count = compact.bitmaps_.size();
  std::memcpy(next, &count, sizeof count);
  next += sizeof count;
  for (const auto& [key, bitmap] : compact.bitmaps_) {
    std::memcpy(next, &key, sizeof key);
    next += sizeof key;
    next += roaring_bitmap_portable_serialize(bitmap.get(), next);
  }
  return out;
}

Result<PositionBitmap> PositionBitmap::Deserialize(std::string_view bytes) {
  const auto malformed = [](std::string_view what) {
    return Fail(ErrorKind::kCorruption, "malformed 64-bit roaring bitmap: {}", what);
  };
  uint64_t count = 0;
  if (bytes.size() < sizeof count) return malformed("it ends too early");
  std::memcpy(&count, bytes.data(), sizeof count);
  bytes.remove_prefix(sizeof count);
  PositionBitmap result;
  int64_t previous = -1;
  for (; count > 0; --count) {
    uint32_t key = 0;
    if (bytes.size() < sizeof key) return malformed("it ends too early");
    std::memcpy(&key, bytes.data(), sizeof key);
    bytes.remove_prefix(sizeof key);
    if (key <= previous) return malformed("its keys do not ascend");
    if (key > kMaxKey) return malformed("positions exceed what a data file may hold");
    previous = key;
    TARN_ASSIGN(const size_t size, ValidateRoaringBitmap(bytes));
    Bitmap bitmap(roaring_bitmap_portable_deserialize_safe(bytes.data(), size));
    if (!bitmap) return malformed("CRoaring refuses it");
    bytes.remove_prefix(size);
    if (!roaring_bitmap_is_empty(bitmap.get())) {
      result.bitmaps_.emplace_hint(result.bitmaps_.end(), key, std::move(bitmap));
    }
  }
  if (!bytes.empty()) return malformed("bytes follow it");
  const std::optional<int64_t> highest = result.highest();
  if (highest && *highest > kMaxPosition) {
    return malformed("positions exceed what a data file may hold");
  }
  return result;
}

}  // namespace tarn::iceberg
