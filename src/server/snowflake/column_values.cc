// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/column_values.h"

namespace tarn::server::snowflake {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int32_t kNanosPerMicro = 1'000;
constexpr int32_t kNanoDigits = 9;

}  // namespace

int64_t PowerOfTen(int32_t exponent) {
  int64_t power = 1;
  for (int32_t i = 0; i < exponent; ++i) power *= 10;
  return power;
}

int64_t UnitsOf(const Moment& moment, int32_t scale) {
  return moment.seconds * PowerOfTen(scale) + moment.nanoseconds / PowerOfTen(kNanoDigits - scale);
}

Int128 NumberAt(const warehouse::ResultColumn& column, const ColumnView& values, int64_t row) {
  switch (column.carrier.kind) {
    case TypeKind::kInt:
      return LoadValue<int32_t>(values, row);
    case TypeKind::kLong:
      return LoadValue<int64_t>(values, row);
    default:
      return LoadValue<Int128>(values, row);
  }
}

Moment MomentAt(const warehouse::ResultColumn& column, const ColumnView& values, int64_t row) {
  Moment moment;
  if (column.carrier.kind == TypeKind::kStruct) {
    moment.seconds = LoadValue<int64_t>(values.children[0], row);
    moment.nanoseconds = LoadValue<int32_t>(values.children[1], row);
    if (values.children.size() > 2) {
      moment.offset_minutes = LoadValue<int32_t>(values.children[2], row);
    }
    return moment;
  }
  const auto micros = LoadValue<int64_t>(values, row);
  moment.seconds = micros / kMicrosPerSecond;
  int64_t rest = micros % kMicrosPerSecond;
  if (rest < 0) {
    --moment.seconds;
    rest += kMicrosPerSecond;
  }
  moment.nanoseconds = static_cast<int32_t>(rest) * kNanosPerMicro;
  return moment;
}

int64_t TimeOfDayAt(const warehouse::ResultColumn& column, const ColumnView& values, int64_t row) {
  const auto value = LoadValue<int64_t>(values, row);
  const int64_t nanos = column.carrier.kind == TypeKind::kLong ? value : value * kNanosPerMicro;
  return nanos / PowerOfTen(kNanoDigits - column.type.precision);
}

}  // namespace tarn::server::snowflake
