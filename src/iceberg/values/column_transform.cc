// SPDX-License-Identifier: Apache-2.0
#include "iceberg/values/column_transform.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "iceberg/values/bucket_hash.h"
#include "iceberg/values/calendar.h"
#include "iceberg/values/single_value.h"

namespace tarn::iceberg {
namespace {

constexpr int64_t kEpochYear = 1970;
constexpr int64_t kMonthsPerYear = 12;

bool IsText(TypeKind kind) {
  return kind == TypeKind::kString || kind == TypeKind::kBinary || kind == TypeKind::kUuid ||
         kind == TypeKind::kFixed;
}

template <typename T>
T Load(const uint8_t* values, size_t row) {
  T value;
  std::memcpy(&value, values + row * sizeof value, sizeof value);
  return value;
}

/// NaNs of all kinds are one partition.
template <typename Float, typename Bits>
int64_t FloatBits(Float value) {
  return std::bit_cast<Bits>(std::isnan(value) ? std::numeric_limits<Float>::quiet_NaN() : value);
}

/// The values of a column as they are, nulls as zero.
class Loader {
 public:
  Loader(const Type& type, const ColumnView& column, TransformedColumn& out)
      : type_(type), column_(column), rows_(static_cast<size_t>(column.rows)), out_(out) {}

  void Run() {
    const uint8_t* values = column_.values;
    switch (type_.kind) {
      case TypeKind::kBoolean:
        return Fill(out_.numbers, [&](size_t row) { return values[row >> 3] >> (row & 7) & 1; });
      case TypeKind::kInt:
      case TypeKind::kDate:
        return Fill(out_.numbers, [&](size_t row) { return Load<int32_t>(values, row); });
      case TypeKind::kFloat:
        return Fill(out_.numbers, [&](size_t row) {
          return FloatBits<float, int32_t>(Load<float>(values, row));
        });
      case TypeKind::kDouble:
        return Fill(out_.numbers, [&](size_t row) {
          return FloatBits<double, int64_t>(Load<double>(values, row));
        });
      case TypeKind::kDecimal:
        return Fill(out_.wide_numbers, [&](size_t row) { return Load<Int128>(values, row); });
      case TypeKind::kString:
      case TypeKind::kBinary:
        return Fill(out_.texts, [&](size_t row) {
          const auto begin = static_cast<size_t>(column_.offsets[row]);
          return Text(begin, static_cast<size_t>(column_.offsets[row + 1]) - begin);
        });
      case TypeKind::kUuid:
      case TypeKind::kFixed: {
        const size_t width = FixedWidthBytes(type_);
        return Fill(out_.texts, [&](size_t row) { return Text(row * width, width); });
      }
      default:
        return Fill(out_.numbers, [&](size_t row) { return Load<int64_t>(values, row); });
    }
  }

 private:
  std::string_view Text(size_t begin, size_t length) const {
    return {reinterpret_cast<const char*>(column_.values) + begin, length};
  }

  /// What lies under a null is anything, and must not be looked at.
  template <typename T, typename At>
  void Fill(std::vector<T>& to, At&& at) {
    to.resize(rows_);
    if (out_.present.empty()) {
      for (size_t row = 0; row < rows_; ++row) to[row] = static_cast<T>(at(row));
      return;
    }
    for (size_t row = 0; row < rows_; ++row) {
      if (out_.present[row] != 0) to[row] = static_cast<T>(at(row));
    }
  }

  const Type& type_;
  const ColumnView& column_;
  const size_t rows_;
  TransformedColumn& out_;
};

/// Changes loaded values into what the transform gives for them.
class Applier {
 public:
  Applier(const Transform& transform, const Type& source, TransformedColumn& column)
      : transform_(transform), source_(source), column_(column) {}

  Result<> Run() {
    switch (transform_.kind) {
      case TransformKind::kBucket:
        Bucket();
        return {};
      case TransformKind::kTruncate:
        return Truncate();
      case TransformKind::kYear:
      case TransformKind::kMonth:
      case TransformKind::kDay:
        return CutDays();
      case TransformKind::kHour:
        ToMicros();
        for (int64_t& number : column_.numbers) number = FloorDiv(number, kMicrosPerHour);
        return CheckInts();
      default:
        return {};
    }
  }

 private:
  void Bucket() {
    const auto bucket = [this](int32_t hash) {
      return (hash & std::numeric_limits<int32_t>::max()) % transform_.parameter;
    };
    ToMicros();
    for (int64_t& number : column_.numbers) number = bucket(HashLong(number));
    if (IsText(source_.kind)) {
      for (const std::string_view text : column_.texts) {
        column_.numbers.push_back(bucket(HashBytes(text)));
      }
      column_.texts.clear();
    }
    for (const Int128 number : column_.wide_numbers) {
      column_.numbers.push_back(bucket(HashDecimal(number)));
    }
    column_.wide_numbers.clear();
  }

  Result<> Truncate() {
    const Int128 width = transform_.parameter;
    for (Int128& number : column_.wide_numbers) number -= ((number % width) + width) % width;
    const auto length = static_cast<size_t>(transform_.parameter);
    for (std::string_view& text : column_.texts) {
      text = source_.kind == TypeKind::kString ? TextPrefix(text, length) : text.substr(0, length);
    }
    const int64_t least = source_.kind == TypeKind::kInt ? std::numeric_limits<int32_t>::min()
                                                         : std::numeric_limits<int64_t>::min();
    for (int64_t& number : column_.numbers) {
      const int64_t step = transform_.parameter;
      const int64_t rest = ((number % step) + step) % step;
      // Below the smallest number there is no truncated one.
      if (number < least + rest) return OutOfRange();
      number -= rest;
    }
    return {};
  }

  Result<> CutDays() {
    ToMicros();
    if (source_.kind != TypeKind::kDate) {
      for (int64_t& number : column_.numbers) number = FloorDiv(number, kMicrosPerDay);
    }
    if (transform_.kind != TransformKind::kDay) {
      // Neighbours are often of one day.
      int64_t day = std::numeric_limits<int64_t>::min();
      int64_t result = 0;
      for (int64_t& number : column_.numbers) {
        if (number != day) {
          day = number;
          const CivilDate date = CivilFromDays(day);
          result = date.year - kEpochYear;
          if (transform_.kind == TransformKind::kMonth) {
            result = result * kMonthsPerYear + date.month - 1;
          }
        }
        number = result;
      }
    }
    return CheckInts();
  }

  void ToMicros() {
    if (source_.kind != TypeKind::kTimestampNs && source_.kind != TypeKind::kTimestampTzNs) return;
    for (int64_t& number : column_.numbers) number = FloorDiv(number, kNanosPerMicro);
  }

  Result<> CheckInts() const {
    for (const int64_t number : column_.numbers) {
      if (number != static_cast<int32_t>(number)) return OutOfRange();
    }
    return {};
  }

  Result<> OutOfRange() const {
    return Fail(ErrorKind::kInvalidArgument, "value out of range for transform {}",
                transform_.ToString());
  }

  const Transform& transform_;
  const Type& source_;
  TransformedColumn& column_;
};

}  // namespace

Value TransformedColumn::ValueAt(size_t row) const {
  if (is_null(row)) return {};
  switch (type.kind) {
    case TypeKind::kBoolean:
      return numbers[row] != 0;
    case TypeKind::kInt:
    case TypeKind::kDate:
      return static_cast<int32_t>(numbers[row]);
    case TypeKind::kFloat:
      return std::bit_cast<float>(static_cast<int32_t>(numbers[row]));
    case TypeKind::kDouble:
      return std::bit_cast<double>(numbers[row]);
    case TypeKind::kDecimal:
      return wide_numbers[row];
    default:
      if (IsText(type.kind)) return std::string(texts[row]);
      return numbers[row];
  }
}

std::vector<uint8_t> PresentRows(std::vector<uint8_t> present, const ColumnView& column) {
  if (column.validity == nullptr) return present;
  const bool all = present.empty();
  if (all) present.resize(static_cast<size_t>(column.rows));
  for (size_t row = 0; row < present.size(); ++row) {
    const auto valid = static_cast<uint8_t>(column.validity[row >> 3] >> (row & 7) & 1);
    present[row] = all ? valid : present[row] & valid;
  }
  return present;
}

Result<TransformedColumn> TransformColumn(const Transform& transform, const Type& source,
                                          const ColumnView& column, std::vector<uint8_t> present) {
  TransformedColumn result;
  TARN_ASSIGN(result.type, transform.ResultType(source));
  if (transform.kind == TransformKind::kVoid || source.kind == TypeKind::kUnknown) {
    result.all_null = true;
    return result;
  }
  result.present = PresentRows(std::move(present), column);
  Loader(source, column, result).Run();
  TARN_TRY(Applier(transform, source, result).Run());
  return result;
}

}  // namespace tarn::iceberg
