// SPDX-License-Identifier: Apache-2.0
#include "engine/functions/decimal_arithmetic.h"

#include <array>
#include <utility>

namespace tarn::engine {

namespace {

using UInt128 = unsigned __int128;

/// Little-endian limbs: room for 38 + 38 + 76 digits.
struct Wide {
  static constexpr size_t kLimbs = 9;
  std::array<uint64_t, kLimbs> limbs{};

  void MultiplyBy(uint64_t factor) {
    UInt128 carry = 0;
    for (uint64_t& limb : limbs) {
      carry += static_cast<UInt128>(limb) * factor;
      limb = static_cast<uint64_t>(carry);
      carry >>= 64;
    }
  }
  void Add(const Wide& other) {
    UInt128 carry = 0;
    for (size_t i = 0; i < kLimbs; ++i) {
      carry += static_cast<UInt128>(limbs[i]) + other.limbs[i];
      limbs[i] = static_cast<uint64_t>(carry);
      carry >>= 64;
    }
  }
  void Subtract(const Wide& other) {
    uint64_t borrow = 0;
    for (size_t i = 0; i < kLimbs; ++i) {
      const UInt128 taken = static_cast<UInt128>(other.limbs[i]) + borrow;
      borrow = limbs[i] < taken ? 1 : 0;
      limbs[i] = static_cast<uint64_t>(limbs[i] - taken);
    }
  }
  void ShiftLeft(uint64_t low) {
    for (uint64_t& limb : limbs) {
      const uint64_t high = limb >> 63;
      limb = limb << 1 | low;
      low = high;
    }
  }
  bool Less(const Wide& other) const {
    for (size_t i = kLimbs; i-- > 0;) {
      if (limbs[i] != other.limbs[i]) return limbs[i] < other.limbs[i];
    }
    return false;
  }
};

Wide FromUnsigned(UInt128 value) {
  Wide wide;
  wide.limbs[0] = static_cast<uint64_t>(value);
  wide.limbs[1] = static_cast<uint64_t>(value >> 64);
  return wide;
}

Wide Scaled(Wide value, int32_t exponent) {
  for (; exponent > 0; --exponent) value.MultiplyBy(10);
  return value;
}

Wide Product(UInt128 a, UInt128 b) {
  Wide low = FromUnsigned(a);
  Wide high = FromUnsigned(a);
  low.MultiplyBy(static_cast<uint64_t>(b));
  high.MultiplyBy(static_cast<uint64_t>(b >> 64));
  for (size_t i = Wide::kLimbs; i-- > 1;) high.limbs[i] = high.limbs[i - 1];
  high.limbs[0] = 0;
  low.Add(high);
  return low;
}

/// Rounded half up; nothing beyond 10^38.
std::optional<UInt128> Quotient(const Wide& dividend, const Wide& divisor) {
  Wide quotient;
  Wide rest;
  for (size_t bit = Wide::kLimbs * 64; bit-- > 0;) {
    rest.ShiftLeft(dividend.limbs[bit / 64] >> (bit % 64) & 1);
    quotient.ShiftLeft(0);
    if (rest.Less(divisor)) continue;
    rest.Subtract(divisor);
    quotient.limbs[0] |= 1;
  }
  rest.ShiftLeft(0);
  if (!rest.Less(divisor)) quotient.Add(FromUnsigned(1));
  for (size_t i = 2; i < Wide::kLimbs; ++i) {
    if (quotient.limbs[i] != 0) return std::nullopt;
  }
  return static_cast<UInt128>(quotient.limbs[1]) << 64 | quotient.limbs[0];
}

UInt128 Magnitude(Int128 value) {
  return value < 0 ? -static_cast<UInt128>(value) : static_cast<UInt128>(value);
}

/// The same where nothing leaves 128 bits.
std::optional<UInt128> SmallQuotient(UInt128 a, UInt128 b, int32_t up, UInt128 divisor,
                                     int32_t down) {
  UInt128 dividend = 0;
  if (up > 38 || down > 38 || __builtin_mul_overflow(a, b, &dividend) ||
      __builtin_mul_overflow(dividend, static_cast<UInt128>(PowerOfTen(up)), &dividend) ||
      __builtin_mul_overflow(divisor, static_cast<UInt128>(PowerOfTen(down)), &divisor)) {
    return std::nullopt;
  }
  const UInt128 rest = dividend % divisor;
  return dividend / divisor + (rest >= divisor - rest ? 1 : 0);
}

}  // namespace

Int128 PowerOfTen(int32_t exponent) {
  static const std::array<Int128, 39> kPowers = [] {
    std::array<Int128, 39> powers{1};
    for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
    return powers;
  }();
  return kPowers.at(static_cast<size_t>(exponent));
}

bool FitsPrecision(Int128 value, int32_t precision) {
  return Magnitude(value) < static_cast<UInt128>(PowerOfTen(precision));
}

std::optional<Int128> MultiplyDivide(Int128 a, Int128 b, int32_t up, Int128 divisor, int32_t down) {
  const bool negative = ((a < 0) != (b < 0)) != (divisor < 0);
  auto magnitude = SmallQuotient(Magnitude(a), Magnitude(b), up, Magnitude(divisor), down);
  if (!magnitude) {
    magnitude = Quotient(Scaled(Product(Magnitude(a), Magnitude(b)), up),
                         Scaled(FromUnsigned(Magnitude(divisor)), down));
  }
  if (!magnitude || *magnitude >= static_cast<UInt128>(PowerOfTen(38))) return std::nullopt;
  const auto value = static_cast<Int128>(*magnitude);
  return negative ? -value : value;
}

}  // namespace tarn::engine
