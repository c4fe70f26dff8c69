// SPDX-License-Identifier: Apache-2.0
// The order of values that bounds use, and bounds cut to a length.
#include <cmath>

#include "iceberg/values/single_value.h"

namespace tarn::iceberg {
namespace {

constexpr uint32_t kSurrogatesBegin = 0xd800;
constexpr uint32_t kSurrogatesEnd = 0xe000;
constexpr uint32_t kCodePointMax = 0x10ffff;

template <typename Number>
int CompareFloating(Number a, Number b) {
  if (std::isnan(a) || std::isnan(b)) {
    return static_cast<int>(std::isnan(a)) - static_cast<int>(std::isnan(b));
  }
  if (a < b) return -1;
  if (a > b) return 1;
  return static_cast<int>(std::signbit(b)) - static_cast<int>(std::signbit(a));
}

template <typename T>
int Compare(const T& a, const T& b) {
  if constexpr (std::is_floating_point_v<T>) {
    return CompareFloating(a, b);
  } else if constexpr (std::is_same_v<T, std::monostate>) {
    return 0;
  } else {
    return a < b ? -1 : static_cast<int>(b < a);
  }
}

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// Bytes of the first `length` code points.
size_t PrefixBytes(std::string_view text, size_t length) {
  size_t position = 0;
  for (size_t points = 0; position < text.size(); ++position) {
    if (!IsContinuation(text[position]) && points++ == length) break;
  }
  return position;
}

uint32_t DecodeCodePoint(std::string_view sequence) {
  const auto lead = static_cast<unsigned char>(sequence.front());
  if (sequence.size() == 1) return lead;
  uint32_t point = lead & (0xffU >> (sequence.size() + 1));
  for (const char c : sequence.substr(1))
    point = (point << 6) | (static_cast<unsigned char>(c) & 0x3f);
  return point;
}

void AppendCodePoint(uint32_t point, std::string& out) {
  if (point < 0x80) {
    out.push_back(static_cast<char>(point));
    return;
  }
  const int continuations = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  const uint32_t lead_bits = (0xf00U >> (continuations + 1)) & 0xff;
  out.push_back(static_cast<char>(lead_bits | (point >> (6 * continuations))));
  for (int i = continuations - 1; i >= 0; --i) {
    out.push_back(static_cast<char>(0x80 | ((point >> (6 * i)) & 0x3f)));
  }
}

std::optional<std::string> IncrementText(std::string_view prefix) {
  while (!prefix.empty()) {
    size_t start = prefix.size() - 1;
    while (start > 0 && IsContinuation(prefix[start])) --start;
    uint32_t next = DecodeCodePoint(prefix.substr(start)) + 1;
    prefix = prefix.substr(0, start);
    if (next >= kSurrogatesBegin && next < kSurrogatesEnd) next = kSurrogatesEnd;
    if (next > kCodePointMax) continue;
    std::string bound(prefix);
    AppendCodePoint(next, bound);
    return bound;
  }
  return std::nullopt;
}

std::optional<std::string> IncrementBytes(std::string_view prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.remove_suffix(1);
  if (prefix.empty()) return std::nullopt;
  std::string bound(prefix);
  bound.back() = static_cast<char>(static_cast<unsigned char>(bound.back()) + 1);
  return bound;
}

}  // namespace

int CompareValues(const Type&, const Value& a, const Value& b) {
  return std::visit(
      [&]<typename T>(const T& left) {
        const T* right = std::get_if<T>(&b);
        return right == nullptr ? 0 : Compare(left, *right);
      },
      a);
}

std::string_view TextPrefix(std::string_view text, size_t length) {
  return text.substr(0, PrefixBytes(text, length));
}

std::string TruncateLowerBound(const Type& type, std::string_view value, size_t length) {
  const size_t bytes =
      type.kind == TypeKind::kString ? PrefixBytes(value, length) : std::min(length, value.size());
  return std::string(value.substr(0, bytes));
}

std::optional<std::string> TruncateUpperBound(const Type& type, std::string_view value,
                                              size_t length) {
  std::string prefix = TruncateLowerBound(type, value, length);
  if (prefix.size() == value.size()) return prefix;
  return type.kind == TypeKind::kString ? IncrementText(prefix) : IncrementBytes(prefix);
}

}  // namespace tarn::iceberg
