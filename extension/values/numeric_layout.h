// SPDX-License-Identifier: Apache-2.0
// numeric values as PostgreSQL stores them, read and built without going through text.
//
// Layout after the varlena header (unchanged since PostgreSQL 9.1; the server keeps it private): a
// 16-bit header, for the long form a 16-bit weight, then base-10000 digits, most significant first,
// without leading or trailing zeros.
//   header & 0xC000: 0x0000 positive long, 0x4000 negative long (0x3FFF display scale),
//   0x8000 short (0x2000 sign, 0x1F80 display scale, 0x007F weight, two's complement), 0xC000
//   special (0xC000 NaN, 0xD000 infinity, 0xF000 -infinity)
// value = sum of digit[i] * 10000^(weight - i)
#pragma once

#include "boundary/postgres_headers.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/value.h"

namespace tarn::extension {

using UInt128 = unsigned __int128;

inline constexpr int kMaxDecimalDigits = 38;

constexpr std::array<UInt128, kMaxDecimalDigits + 1> MakePowersOfTen() {
  std::array<UInt128, kMaxDecimalDigits + 1> powers{};
  powers[0] = 1;
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}
inline constexpr std::array<UInt128, kMaxDecimalDigits + 1> kPowersOfTen = MakePowersOfTen();

enum class NumericClass : uint8_t { kFinite, kNan, kInfinity, kMinusInfinity };

/// A numeric taken apart; `digits` points into the value and may be unaligned.
struct NumericParts {
  NumericClass value_class = NumericClass::kFinite;
  bool negative = false;
  int weight = 0;
  int count = 0;
  const char* digits = nullptr;

  uint16_t digit(int i) const {
    uint16_t value;
    std::memcpy(&value, digits + ptrdiff_t{2} * i, 2);
    return value;
  }
};

/// `data`, `size`: the varlena's contents, not compressed.
inline NumericParts ParseNumeric(const char* data, size_t size) {
  NumericParts parts;
  uint16_t header;
  std::memcpy(&header, data, 2);
  switch (header & 0xC000) {
    case 0x8000:
      parts.negative = (header & 0x2000) != 0;
      parts.weight = (header & 0x3F) - (header & 0x40);
      parts.digits = data + 2;
      parts.count = static_cast<int>((size - 2) / 2);
      break;
    case 0xC000:
      parts.value_class = header == 0xC000   ? NumericClass::kNan
                          : header == 0xD000 ? NumericClass::kInfinity
                                             : NumericClass::kMinusInfinity;
      break;
    default: {
      parts.negative = (header & 0x4000) != 0;
      int16_t weight;
      std::memcpy(&weight, data + 2, 2);
      parts.weight = weight;
      parts.digits = data + 4;
      parts.count = static_cast<int>((size - 4) / 2);
    }
  }
  return parts;
}

enum class ScaleOutcome : uint8_t {
  kExact,
  kInexact,   ///< has more decimals; the result is cut off towards zero
  kOverflow,  ///< more digits than the precision
};

/// The finite value times 10^scale, its magnitude in `out`. REQUIRES: precision <= 38, scale >= 0.
inline ScaleOutcome ScaleNumeric(const NumericParts& parts, int precision, int scale,
                                 UInt128& out) {
  out = 0;
  if (parts.count == 0) return ScaleOutcome::kExact;
  const int lead = parts.digit(0);
  const int lead_digits = lead >= 1000 ? 4 : lead >= 100 ? 3 : lead >= 10 ? 2 : 1;
  const int total_digits = 4 * parts.weight + lead_digits + scale;
  if (total_digits > precision) return ScaleOutcome::kOverflow;
  // Groups wholly in front of the scale's last digit; at most 38 digits, so nothing overflows from
  // here.
  const int kept_digits = 4 * (parts.weight + 1) + scale;
  if (kept_digits <= 0) return ScaleOutcome::kInexact;
  const int whole_groups = kept_digits / 4;
  const int partial_digits = kept_digits % 4;
  const int groups = parts.count < whole_groups ? parts.count : whole_groups;
  uint64_t low = 0;
  int i = 0;
  for (const int end = groups < 4 ? groups : 4; i < end; ++i) low = low * 10000 + parts.digit(i);
  UInt128 value = low;
  for (; i < groups; ++i) value = value * 10000 + parts.digit(i);
  if (parts.count <= whole_groups) {
    const int missing = 4 * (whole_groups - parts.count) + partial_digits;
    if (missing != 0) value *= kPowersOfTen[missing];
    out = value;
    return ScaleOutcome::kExact;
  }
  // The scale's last digit lies within the group at `whole_groups`, or right before it.
  static constexpr int kPowers[] = {1, 10, 100, 1000, 10000};
  const int divisor = kPowers[4 - partial_digits];
  const int group = parts.digit(whole_groups);
  out = value * kPowers[partial_digits] + group / divisor;
  const bool exact = group % divisor == 0 && parts.count == whole_groups + 1;
  return exact ? ScaleOutcome::kExact : ScaleOutcome::kInexact;
}

/// Room for any decimal of 38 digits.
inline constexpr size_t kMaxNumericBytes = VARHDRSZ + 2 + 2 * 11;

/// Writes `unscaled` / 10^scale as a numeric that shows `scale` decimals; returns its size. `out`
/// starts at a multiple of 4 and has kMaxNumericBytes. REQUIRES: 0 <= scale <= 38.
inline size_t BuildNumeric(Int128 unscaled, int scale, char* out) {
  const bool negative = unscaled < 0;
  UInt128 magnitude = negative ? -static_cast<UInt128>(unscaled) : static_cast<UInt128>(unscaled);
  uint16_t groups[11];  // least significant first
  int count = 0;
  const int partial_digits = scale % 4;
  static constexpr unsigned kPowers[] = {1, 10, 100, 1000};
  int below_point = scale / 4;
  if (partial_digits != 0) {
    ++below_point;
    const unsigned divisor = kPowers[partial_digits];
    if (magnitude >> 64 == 0) {
      const auto small = static_cast<uint64_t>(magnitude);
      // Divisors that the compiler knows cost a multiplication.
      const uint64_t quotient = partial_digits == 2   ? small / 100
                                : partial_digits == 1 ? small / 10
                                                      : small / 1000;
      groups[count++] =
          static_cast<uint16_t>((small - quotient * divisor) * kPowers[4 - partial_digits]);
      magnitude = quotient;
    } else {
      groups[count++] = static_cast<uint16_t>(static_cast<unsigned>(magnitude % divisor) *
                                              kPowers[4 - partial_digits]);
      magnitude /= divisor;
    }
  }
  constexpr uint64_t kFourGroups = 10'000'000'000'000'000;
  while (magnitude >> 64 != 0) {
    auto chunk = static_cast<uint64_t>(magnitude % kFourGroups);
    magnitude /= kFourGroups;
    for (int i = 0; i < 4; ++i, chunk /= 10000)
      groups[count++] = static_cast<uint16_t>(chunk % 10000);
  }
  for (auto rest = static_cast<uint64_t>(magnitude); rest != 0; rest /= 10000) {
    groups[count++] = static_cast<uint16_t>(rest % 10000);
  }
  while (count > 0 && groups[count - 1] == 0) --count;
  int first = 0;
  while (first < count && groups[first] == 0) ++first;
  const int weight = count == 0 ? 0 : count - 1 - below_point;
  const size_t size = VARHDRSZ + 2 + 2 * static_cast<size_t>(count - first);
  SET_VARSIZE(out, size);
  const auto header = static_cast<uint16_t>(0x8000 | (negative && count > 0 ? 0x2000 : 0) |
                                            scale << 7 | (weight & 0x7F));
  std::memcpy(out + VARHDRSZ, &header, 2);
  char* digit = out + VARHDRSZ + 2;
  for (int i = count - 1; i >= first; --i, digit += 2) std::memcpy(digit, &groups[i], 2);
  return size;
}

}  // namespace tarn::extension
