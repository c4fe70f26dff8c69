// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tarn::iceberg::avro {

/// Reads values in Avro's binary encoding from bytes that nobody vouches for. The first failure
/// sticks: everything read afterwards is zero or empty, and the place is known, so that callers may
/// check once per record. Never reads past the end, and never believes a length. Not thread-safe;
/// the bytes outlive it.
class BinaryReader {
 public:
  explicit BinaryReader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return error_ == nullptr; }
  bool at_end() const { return position_ == bytes_.size(); }
  size_t position() const { return position_; }
  size_t remaining() const { return bytes_.size() - position_; }

  /// Records why the bytes are malformed; `why` is a literal.
  void Fail(const char* why);
  /// Corruption with the reason and the byte position. REQUIRES: !ok().
  Error error() const;

  bool ReadBoolean();
  int64_t ReadLong() {
    // Most counts, lengths and ids take one byte.
    if (position_ < bytes_.size()) {
      const auto byte = static_cast<uint8_t>(bytes_[position_]);
      if (byte < 0x80) {
        ++position_;
        return static_cast<int64_t>(byte >> 1) ^ -static_cast<int64_t>(byte & 1);
      }
    }
    return ReadLongNumber();
  }
  int32_t ReadInt();
  float ReadFloat();
  double ReadDouble();
  std::string_view ReadBytes();
  std::string_view ReadFixed(size_t length);

  /// The items of an array or map: calls `item()` for each, and `block(count)` before each block of
  /// them. Items must take at least one byte each.
  template <typename Item, typename Block>
  void ReadItems(Item&& item, Block&& block) {
    for (int64_t count = NextBlock(); count > 0; count = NextBlock()) {
      block(count);
      for (int64_t i = 0; i < count && ok(); ++i) item();
    }
  }
  template <typename Item>
  void ReadItems(Item&& item) {
    ReadItems(item, [](int64_t) {});
  }

 private:
  /// Of any length.
  int64_t ReadLongNumber();
  /// Number of items in the next block, 0 at the end or after a failure.
  int64_t NextBlock();

  std::string_view bytes_;
  size_t position_ = 0;
  size_t failed_at_ = 0;
  const char* error_ = nullptr;
};

}  // namespace tarn::iceberg::avro
