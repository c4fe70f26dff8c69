// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tarn {

/// 16 bytes in big-endian (RFC 9562) order.
struct Uuid {
  std::array<uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;
  bool is_nil() const;
  /// Lower-case, with hyphens.
  std::string ToString() const;

  /// Random (version 4), from the kernel's generator. Thread-safe.
  static Uuid Random();
  /// Accepts the hyphenated form in any case; InvalidArgument otherwise.
  static Result<Uuid> Parse(std::string_view text);
};

}  // namespace tarn
