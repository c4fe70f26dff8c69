// SPDX-License-Identifier: Apache-2.0
#include "capture/lsn.h"

#include <fmt/core.h>

#include <charconv>

namespace tarn::capture {
namespace {

constexpr int kHalfBits = 32;
constexpr int kHex = 16;

std::optional<uint64_t> ParseHalf(std::string_view text) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, kHex);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string ToString(Lsn lsn) {
  return fmt::format("{:X}/{:X}", lsn.value() >> kHalfBits, static_cast<uint32_t>(lsn.value()));
}

std::optional<Lsn> ParseLsn(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto high = ParseHalf(text.substr(0, slash)), low = ParseHalf(text.substr(slash + 1));
  if (!high || !low) return std::nullopt;
  return Lsn(*high << kHalfBits | *low);
}

}  // namespace tarn::capture
