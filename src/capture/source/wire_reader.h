// SPDX-License-Identifier: Apache-2.0
// Numbers and texts of PostgreSQL's wire formats, which are big-endian.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace tarn::capture {

/// The number that starts at `bytes`, wherever that is.
template <typename Number>
Number LoadBigEndian(const char* bytes) {
  static_assert(std::is_integral_v<Number>);
  static_assert(std::endian::native == std::endian::little);
  std::make_unsigned_t<Number> value;
  std::memcpy(&value, bytes, sizeof(value));
  if constexpr (sizeof(value) == 2) value = __builtin_bswap16(value);
  if constexpr (sizeof(value) == 4) value = __builtin_bswap32(value);
  if constexpr (sizeof(value) == 8) value = __builtin_bswap64(value);
  return static_cast<Number>(value);
}

/// Takes a message from its front. What is not there is zero or empty and makes it fail for good,
/// so that whoever reads asks once, at the end.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  template <typename Number>
  Number Take() {
    if (rest_.size() < sizeof(Number)) return Fail(Number{});
    const auto value = LoadBigEndian<Number>(rest_.data());
    rest_.remove_prefix(sizeof(Number));
    return value;
  }
  std::string_view TakeBytes(size_t size) {
    if (rest_.size() < size) return Fail(std::string_view());
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  /// A text that ends at a zero byte.
  std::string_view TakeText() {
    const size_t end = rest_.find('\0');
    if (end == std::string_view::npos) return Fail(std::string_view());
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return text;
  }

  size_t left() const { return rest_.size(); }
  bool failed() const { return failed_; }
  bool finished() const { return !failed_ && rest_.empty(); }

 private:
  template <typename T>
  T Fail(T nothing) {
    failed_ = true;
    rest_ = {};
    return nothing;
  }

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace tarn::capture
