// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace tarn::iceberg::avro {

static_assert(std::endian::native == std::endian::little, "Avro's floats are copied as they are");

/// Appends values in Avro's binary encoding (Avro 1.11 specification, "Binary Encoding"). Not
/// thread-safe.
class BinaryWriter {
 public:
  void PutBoolean(bool value) { bytes_.push_back(value ? 1 : 0); }

  /// int and long share one encoding: zig-zag, then base 128 with the least significant group
  /// first.
  void PutLong(int64_t value) {
    uint64_t rest = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
    while (rest >= 0x80) {
      bytes_.push_back(static_cast<char>(rest | 0x80));
      rest >>= 7;
    }
    bytes_.push_back(static_cast<char>(rest));
  }

  void PutFloat(float value) { PutRaw(&value, sizeof value); }
  void PutDouble(double value) { PutRaw(&value, sizeof value); }

  /// bytes and string: the length, then the bytes.
  void PutBytes(std::string_view value) {
    PutLong(static_cast<int64_t>(value.size()));
    bytes_.append(value);
  }
  /// fixed: the bytes alone.
  void PutFixed(std::string_view value) { bytes_.append(value); }

  /// The branch of a union that comes next.
  void PutBranch(int64_t index) { PutLong(index); }
  /// Starts the only block of an array or map; EndItems() must follow the items. Nothing for no
  /// items.
  void BeginItems(size_t count) {
    if (count > 0) PutLong(static_cast<int64_t>(count));
  }
  void EndItems() { PutLong(0); }

  const std::string& bytes() const { return bytes_; }
  size_t size() const { return bytes_.size(); }
  void Clear() { bytes_.clear(); }
  std::string Take() { return std::move(bytes_); }

 private:
  void PutRaw(const void* from, size_t length) {
    bytes_.append(static_cast<const char*>(from), length);
  }

  std::string bytes_;
};

}  // namespace tarn::iceberg::avro
