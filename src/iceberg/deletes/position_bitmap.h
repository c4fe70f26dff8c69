// SPDX-License-Identifier: Apache-2.0
// Sets of row positions in one data file, and the bytes they have inside deletion vectors.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

struct roaring_bitmap_s;

namespace tarn::iceberg {

/// Positions of rows, each in [0, kMaxPosition], compressed (roaring bitmaps by the upper 32 bits).
/// A value: copies are deep. Constant access from any number of threads at once, changes from one
/// alone.
class PositionBitmap {
 public:
  /// The highest position that readers of the specification's other implementations take.
  static constexpr int64_t kMaxPosition = (int64_t{0x7FFFFFFE} << 32) | 0x80000000;

  PositionBitmap() = default;
  PositionBitmap(const PositionBitmap& other);
  PositionBitmap& operator=(const PositionBitmap& other);
  PositionBitmap(PositionBitmap&&) noexcept = default;
  PositionBitmap& operator=(PositionBitmap&&) noexcept = default;
  ~PositionBitmap() = default;

  /// REQUIRES: 0 ≤ position ≤ kMaxPosition.
  void Add(int64_t position);
  /// Cheapest when ascending. REQUIRES as Add.
  void Add(std::span<const int64_t> positions);
  /// [begin, end). REQUIRES: 0 ≤ begin, end ≤ kMaxPosition + 1; nothing if begin ≥ end.
  void AddRange(int64_t begin, int64_t end);
  void UnionWith(const PositionBitmap& other);
  void Subtract(const PositionBitmap& other);

  bool Contains(int64_t position) const;
  bool empty() const { return cardinality() == 0; }
  int64_t cardinality() const;
  /// Positions in [begin, end).
  int64_t CountIn(int64_t begin, int64_t end) const;
  std::optional<int64_t> lowest() const;
  std::optional<int64_t> highest() const;
  bool operator==(const PositionBitmap& other) const;

  /// The lowest positions of [begin, end), ascending, as many as `out` takes; how many they are.
  size_t Read(int64_t begin, int64_t end, std::span<int64_t> out) const;

  /// Calls `visit(position)` for every position of [begin, end), ascending.
  template <typename Visit>
  void ForEachIn(int64_t begin, int64_t end, Visit&& visit) const {
    std::array<int64_t, 256> block;
    while (begin < end) {
      const size_t count = Read(begin, end, block);
      for (size_t i = 0; i < count; ++i) visit(block[i]);
      if (count < block.size()) return;
      begin = block[count - 1] + 1;
    }
  }
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    ForEachIn(0, kMaxPosition + 1, visit);
  }

  /// Memory held, roughly.
  size_t memory_bytes() const;

  /// "portable" 64-bit form of the Roaring format specification: u64 count, then by ascending key
  /// u32 key and a 32-bit bitmap, all little-endian. Runs are used where they are shorter.
  std::string Serialize() const;
  /// Corruption unless all of `bytes` is one well-formed map: keys and values ascending, counts as
  /// declared, nothing left over.
  static Result<PositionBitmap> Deserialize(std::string_view bytes);

 private:
  struct Free {
    void operator()(roaring_bitmap_s* bitmap) const;
  };
  using Bitmap = std::unique_ptr<roaring_bitmap_s, Free>;

  roaring_bitmap_s* BitmapFor(uint32_t key);

  std::map<uint32_t, Bitmap> bitmaps_;  ///< by the upper 32 bits; none is empty
};

}  // namespace tarn::iceberg
