// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/binary_form.h"

#include <array>
#include <vector>

#include "server/postgres/message_reader.h"
#include "server/postgres/text_form.h"

namespace tarn::server::postgres {
namespace {

constexpr int32_t kGroupDigits = 4;
constexpr int32_t kGroupMax = 9999;
constexpr uint16_t kPositive = 0, kNegative = 0x4000, kNan = 0xC000, kInfinity = 0xD000,
                   kNegativeInfinity = 0xF000;
constexpr uint16_t kScaleMask = 0x3fff;
constexpr int32_t kDigitsMax = 140'000;  // PostgreSQL's limit before and behind the point

}  // namespace

void WriteNumeric(Int128 value, int32_t scale, MessageWriter& out) {
  char text[kTextFormMax];
  const char* digit = text;
  const char* const end = WriteDecimal(text, value < 0 ? -value : value, 0);
  const auto digits = static_cast<int32_t>(end - digit);
  // Groups of four, aligned at the point: the first and the last may be filled up with zeros.
  const int32_t whole = digits - scale;
  const int32_t whole_groups =
      whole > 0 ? (whole + kGroupDigits - 1) / kGroupDigits : -(-whole / kGroupDigits);
  const int32_t first_skipped = whole_groups * kGroupDigits - whole;
  std::array<int16_t, 16> groups{};
  int32_t count = 0;
  for (int32_t place = -first_skipped; place < digits; place += kGroupDigits) {
    int32_t group = 0;
    for (int32_t i = place; i < place + kGroupDigits; ++i) {
      group = group * 10 + (i >= 0 && i < digits ? digit[i] - '0' : 0);
    }
    groups[static_cast<size_t>(count++)] = static_cast<int16_t>(group);
  }
  int32_t first = 0;
  while (first < count && groups[static_cast<size_t>(first)] == 0) ++first;
  while (count > first && groups[static_cast<size_t>(count - 1)] == 0) --count;
  const bool zero = first == count;
  out.Int16(static_cast<int16_t>(count - first));
  out.Int16(static_cast<int16_t>(zero ? 0 : whole_groups - 1 - first));
  out.Int16(static_cast<int16_t>(value < 0 ? kNegative : kPositive));
  out.Int16(static_cast<int16_t>(scale));
  for (int32_t i = first; i < count; ++i) out.Int16(groups[static_cast<size_t>(i)]);
}

Result<std::string> ReadNumeric(std::string_view bytes) {
  MessageReader reader(bytes);
  const int32_t count = reader.UInt16();
  const int32_t weight = reader.Int16();
  const uint16_t sign = reader.UInt16(), scale = reader.UInt16();
  std::vector<int32_t> groups;
  for (int32_t i = 0; i < count && !reader.failed(); ++i) groups.push_back(reader.UInt16());
  TARN_TRY(reader.Finish());
  if (sign == kNan) return "NaN";
  if (sign == kInfinity) return "Infinity";
  if (sign == kNegativeInfinity) return "-Infinity";
  if ((sign != kPositive && sign != kNegative) || (scale & ~kScaleMask) != 0) {
    return Fail(ErrorKind::kInvalidArgument, "invalid sign or scale in external \"numeric\" value");
  }
  std::string text = sign == kNegative ? "-" : "";
  const auto append = [&](int32_t index) {
    const int32_t group = index >= 0 && index < count ? groups[static_cast<size_t>(index)] : 0;
    text += fmt::format("{:04}", group);
  };
  for (const int32_t group : groups) {
    if (group > kGroupMax) {
      return Fail(ErrorKind::kInvalidArgument, "invalid digit in external \"numeric\" value");
    }
  }
  const size_t start = text.size();
  for (int32_t i = 0; i <= weight && i < kDigitsMax; ++i) append(i);
  const size_t significant = text.find_first_not_of('0', start);
  text.erase(start, (significant == std::string::npos ? text.size() : significant) - start);
  if (text.size() == start) text += '0';
  if (scale > 0) {
    text += '.';
    const size_t point = text.size();
    for (int32_t i = weight + 1; text.size() - point < scale; ++i) {
      if (i < 0) {
        text += "0000";
      } else {
        append(i);
      }
    }
    text.resize(point + scale);
  }
  return text;
}

}  // namespace tarn::server::postgres
