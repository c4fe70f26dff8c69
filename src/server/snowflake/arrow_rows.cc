// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/arrow_rows.h"

#include <bit>
#include <deque>

#include "base/uuid.h"
#include "server/snowflake/column_values.h"
#include "server/snowflake/shown_column.h"

namespace tarn::server::snowflake {
namespace {

using sql::DataTypeKind;
using warehouse::ResultColumn;
using Bytes = std::span<const uint8_t>;

size_t BitmapBytes(int64_t rows) { return (static_cast<size_t>(rows) + 7) / 8; }

int64_t CountNulls(const ColumnView& view) {
  if (view.validity == nullptr) return 0;
  int64_t valid = 0;
  const auto whole = static_cast<size_t>(view.rows / 8);
  for (size_t i = 0; i < whole; ++i) valid += std::popcount(view.validity[i]);
  for (int64_t row = static_cast<int64_t>(whole) * 8; row < view.rows; ++row) {
    valid += view.is_null(row) ? 0 : 1;
  }
  return view.rows - valid;
}

/// Makes the arrays of one batch; owns what had to be made anew for them.
class BatchArrays {
 public:
  ArrowArray Of(const ResultColumn& column, const ArrowField& field, const ColumnView& view) {
    ArrowArray array = Empty(view);
    switch (column.type.kind) {
      case DataTypeKind::kNumber:
        Numbers(column, field, view, array);
        return array;
      case DataTypeKind::kTime:
        Times(column, field, view, array);
        return array;
      case DataTypeKind::kTimestampNtz:
      case DataTypeKind::kTimestampLtz:
      case DataTypeKind::kTimestampTz:
        Timestamps(column, field, view, array);
        return array;
      case DataTypeKind::kUuid:
        Uuids(view, array);
        return array;
      case DataTypeKind::kNull:
        Nothing(view, array);
        return array;
      case DataTypeKind::kFloat:
        array.buffers = {Fixed(view, sizeof(double))};
        return array;
      case DataTypeKind::kDate:
        array.buffers = {Fixed(view, sizeof(int32_t))};
        return array;
      case DataTypeKind::kBoolean:
        array.buffers = {{view.values, BitmapBytes(view.rows)}};
        return array;
      default:
        array.buffers = {Offsets(view), {view.values, static_cast<size_t>(LastOffset(view))}};
        return array;
    }
  }

 private:
  static ArrowArray Empty(const ColumnView& view) {
    ArrowArray array{.rows = view.rows,
                     .nulls = CountNulls(view),
                     .validity = {},
                     .buffers = {},
                     .children = {}};
    if (array.nulls > 0) array.validity = {view.validity, BitmapBytes(view.rows)};
    return array;
  }
  static Bytes Fixed(const ColumnView& view, size_t width) {
    return {view.values, static_cast<size_t>(view.rows) * width};
  }
  static int32_t LastOffset(const ColumnView& view) {
    return view.rows == 0 ? 0 : view.offsets[view.rows];
  }
  static Bytes Offsets(const ColumnView& view) {
    return {reinterpret_cast<const uint8_t*>(view.offsets),
            (static_cast<size_t>(view.rows) + 1) * sizeof(int32_t)};
  }

  uint8_t* Make(size_t bytes) {
    made_.emplace_back(bytes);
    return made_.back().data();
  }
  /// A buffer of T, of each row what `value` says of it; what stands under a null is 0.
  template <typename T, typename F>
  Bytes Fill(const ColumnView& view, F value) {
    const size_t bytes = static_cast<size_t>(view.rows) * sizeof(T);
    uint8_t* const buffer = Make(bytes);
    for (int64_t row = 0; row < view.rows; ++row) {
      const T made = view.is_null(row) ? T{0} : static_cast<T>(value(row));
      std::memcpy(buffer + static_cast<size_t>(row) * sizeof(T), &made, sizeof(T));
    }
    return {buffer, bytes};
  }

  void Numbers(const ResultColumn& column, const ArrowField& field, const ColumnView& view,
               ArrowArray& array) {
    if (field.kind == ArrowKind::kDecimal) {
      array.buffers = {Fixed(view, sizeof(Int128))};
    } else if (column.carrier.kind == TypeKind::kLong) {
      array.buffers = {Fixed(view, sizeof(int64_t))};
    } else {
      array.buffers = {
          Fill<int64_t>(view, [&](int64_t row) { return NumberAt(column, view, row); })};
    }
  }

  void Times(const ResultColumn& column, const ArrowField& field, const ColumnView& view,
             ArrowArray& array) {
    const auto value = [&](int64_t row) { return TimeOfDayAt(column, view, row); };
    array.buffers = {field.kind == ArrowKind::kInt32 ? Fill<int32_t>(view, value)
                                                     : Fill<int64_t>(view, value)};
  }

  void Timestamps(const ResultColumn& column, const ArrowField& field, const ColumnView& view,
                  ArrowArray& array) {
    const auto moment = [&](int64_t row) { return MomentAt(column, view, row); };
    const auto child = [&](Bytes values) {
      array.children.push_back({.rows = array.rows,
                                .nulls = array.nulls,
                                .validity = array.validity,
                                .buffers = {values},
                                .children = {}});
    };
    const int32_t scale = column.type.precision;
    const bool fraction = field.children.size() > 1 && field.children[1].name == "fraction";
    const auto units = [&](int64_t row) { return UnitsOf(moment(row), fraction ? 0 : scale); };
    if (field.kind != ArrowKind::kStruct) {
      array.buffers = {Fill<int64_t>(view, units)};
      return;
    }
    child(Fill<int64_t>(view, units));
    if (fraction) {
      child(Fill<int32_t>(view, [&](int64_t row) { return moment(row).nanoseconds; }));
    }
    if (column.type.kind == DataTypeKind::kTimestampTz) {
      child(Fill<int32_t>(view,
                          [&](int64_t row) { return moment(row).offset_minutes + kOffsetBias; }));
    }
  }

  void Uuids(const ColumnView& view, ArrowArray& array) {
    std::string text;
    std::vector<int32_t> ends = {0};
    for (int64_t row = 0; row < view.rows; ++row) {
      if (!view.is_null(row)) {
        Uuid uuid;
        std::memcpy(uuid.bytes.data(), view.values + row * 16, uuid.bytes.size());
        text += uuid.ToString();
      }
      ends.push_back(static_cast<int32_t>(text.size()));
    }
    uint8_t* const offsets = Make(ends.size() * sizeof(int32_t));
    std::memcpy(offsets, ends.data(), ends.size() * sizeof(int32_t));
    uint8_t* const bytes = Make(text.size());
    if (!text.empty()) std::memcpy(bytes, text.data(), text.size());
    array.buffers = {{offsets, ends.size() * sizeof(int32_t)}, {bytes, text.size()}};
  }

  void Nothing(const ColumnView& view, ArrowArray& array) {
    const size_t offset_bytes = (static_cast<size_t>(view.rows) + 1) * sizeof(int32_t);
    array.nulls = view.rows;
    array.validity = {Make(BitmapBytes(view.rows)), BitmapBytes(view.rows)};
    array.buffers = {{Make(offset_bytes), offset_bytes}, {}};
  }

  std::deque<std::vector<uint8_t>> made_;
};

}  // namespace

Result<std::string> ArrowStreamOf(const SpooledResult& result, const ResultPart& part) {
  const auto& columns = result.columns();
  std::vector<ArrowField> fields;
  for (size_t i = 0; i < columns.size(); ++i) {
    fields.push_back(ArrowFieldOf(columns[i], result.fits_long(i)));
  }
  std::string stream;
  stream.reserve(static_cast<size_t>(part.bytes));
  WriteArrowSchema(fields, stream);
  TARN_TRY(result.ForEachBatch(part, [&](const BatchView& batch) {
    BatchArrays made;
    std::vector<ArrowArray> arrays;
    for (size_t i = 0; i < columns.size(); ++i) {
      arrays.push_back(made.Of(columns[i], fields[i], batch.columns[i]));
    }
    WriteArrowBatch(batch.rows, arrays, stream);
  }));
  WriteArrowEnd(stream);
  return stream;
}

}  // namespace tarn::server::snowflake
