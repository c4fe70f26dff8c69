// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/named_rows.h"

#include <cstring>
#include <utility>

#include "base/batch.h"

namespace tarn::warehouse {
namespace {

constexpr int64_t kMicrosecondsPerSecond = 1'000'000;
constexpr int64_t kNanosecondsPerMicrosecond = 1'000;
/// Of rows that become a batch.
constexpr int64_t kBatchBytes = int64_t{32} << 20;

Type CarrierFor(const sql::DataType& type, int32_t& next_id) {
  switch (type.kind) {
    case sql::DataTypeKind::kNumber:
      if (type.scale > 0) return Type::Decimal(type.precision, type.scale);
      return Type::Primitive(TypeKind::kLong);
    case sql::DataTypeKind::kDate:
      return Type::Primitive(TypeKind::kDate);
    case sql::DataTypeKind::kTimestampNtz:
      return Type::Primitive(TypeKind::kTimestamp);
    case sql::DataTypeKind::kBoolean:
      return Type::Primitive(TypeKind::kBoolean);
    case sql::DataTypeKind::kTimestampLtz:
      return Type::Primitive(TypeKind::kTimestampTz);
    case sql::DataTypeKind::kTimestampTz: {
      Type zoned{.kind = TypeKind::kStruct};
      const auto add = [&](const char* name, TypeKind kind) {
        zoned.children.push_back(
            {.id = FieldId(next_id++), .name = name, .type = Type::Primitive(kind)});
      };
      add("seconds", TypeKind::kLong);
      add("nanoseconds", TypeKind::kInt);
      add("offset", TypeKind::kInt);
      return zoned;
    }
    default:
      return Type::Primitive(TypeKind::kString);
  }
}

/// The buffers of a column; views begin at multiples of eight bytes.
struct Buffers {
  std::vector<uint64_t> validity, values, nanoseconds, offset;
  std::vector<int32_t> offsets;
};

template <typename T>
void Put(std::vector<uint64_t>& buffer, size_t row, T value) {
  std::memcpy(reinterpret_cast<uint8_t*>(buffer.data()) + row * sizeof(T), &value, sizeof(T));
}

ColumnView ViewOf(const std::vector<uint64_t>& buffer, size_t rows, size_t width) {
  return {.rows = static_cast<int64_t>(rows),
          .values = reinterpret_cast<const uint8_t*>(buffer.data()),
          .values_bytes = rows * width};
}

class ColumnEncoder {
 public:
  ColumnEncoder(const std::vector<std::vector<Value>>& rows, size_t column, Buffers& buffers)
      : rows_(rows), column_(column), buffers_(buffers) {
    buffers_.validity.assign(rows.size() / 64 + 1, 0);
    for (size_t row = 0; row < rows.size(); ++row) {
      if (std::holds_alternative<std::monostate>(rows[row][column])) continue;
      buffers_.validity[row / 64] |= uint64_t{1} << (row % 64);
    }
  }

  ColumnView Encode(const Type& carrier) {
    ColumnView view = EncodeValues(carrier.kind);
    view.validity = reinterpret_cast<const uint8_t*>(buffers_.validity.data());
    return view;
  }

 private:
  int64_t NumberAt(size_t row) const {
    const auto* number = std::get_if<int64_t>(&rows_[row][column_]);
    return number == nullptr ? 0 : *number;
  }
  ColumnView EncodeValues(TypeKind carrier) {
    switch (carrier) {
      case TypeKind::kStruct:
        return Zoned();
      case TypeKind::kLong:
      case TypeKind::kTimestamp:
      case TypeKind::kTimestampTz:
        return Numbers<int64_t>();
      case TypeKind::kDate:
        return Numbers<int32_t>();
      case TypeKind::kDecimal:
        return Numbers<Int128>();
      case TypeKind::kBoolean:
        return Booleans();
      default:
        return Texts();
    }
  }
  template <typename T>
  ColumnView Numbers() {
    buffers_.values.assign(rows_.size() * sizeof(T) / sizeof(uint64_t) + 1, 0);
    for (size_t row = 0; row < rows_.size(); ++row) {
      const auto* number = std::get_if<T>(&rows_[row][column_]);
      Put(buffers_.values, row, number == nullptr ? T{0} : *number);
    }
    return ViewOf(buffers_.values, rows_.size(), sizeof(T));
  }
  ColumnView Booleans() {
    buffers_.values.assign(rows_.size() / 64 + 1, 0);
    for (size_t row = 0; row < rows_.size(); ++row) {
      const auto* set = std::get_if<bool>(&rows_[row][column_]);
      if (set != nullptr && *set) buffers_.values[row / 64] |= uint64_t{1} << (row % 64);
    }
    ColumnView view = ViewOf(buffers_.values, rows_.size(), 0);
    view.values_bytes = (rows_.size() + 7) / 8;
    return view;
  }
  ColumnView Zoned() {
    const size_t rows = rows_.size();
    buffers_.values.assign(rows + 1, 0);
    buffers_.nanoseconds.assign(rows / 2 + 1, 0);
    buffers_.offset.assign(rows / 2 + 1, 0);
    for (size_t row = 0; row < rows; ++row) {
      const int64_t time = NumberAt(row);
      int64_t seconds = time / kMicrosecondsPerSecond;
      int64_t rest = time % kMicrosecondsPerSecond;
      if (rest < 0) {
        rest += kMicrosecondsPerSecond;
        --seconds;
      }
      Put(buffers_.values, row, seconds);
      Put(buffers_.nanoseconds, row, static_cast<int32_t>(rest * kNanosecondsPerMicrosecond));
    }
    ColumnView view{.rows = static_cast<int64_t>(rows)};
    view.children = {ViewOf(buffers_.values, rows, sizeof(int64_t)),
                     ViewOf(buffers_.nanoseconds, rows, sizeof(int32_t)),
                     ViewOf(buffers_.offset, rows, sizeof(int32_t))};
    return view;
  }
  ColumnView Texts() {
    std::string bytes;
    buffers_.offsets.push_back(0);
    for (const std::vector<Value>& row : rows_) {
      if (const auto* text = std::get_if<std::string>(&row[column_])) bytes += *text;
      buffers_.offsets.push_back(static_cast<int32_t>(bytes.size()));
    }
    buffers_.values.assign(bytes.size() / sizeof(uint64_t) + 1, 0);
    std::memcpy(buffers_.values.data(), bytes.data(), bytes.size());
    ColumnView view = ViewOf(buffers_.values, rows_.size(), 0);
    view.values_bytes = bytes.size();
    view.offsets = buffers_.offsets.data();
    return view;
  }

  const std::vector<std::vector<Value>>& rows_;
  const size_t column_;
  Buffers& buffers_;
};

}  // namespace

RowBatches::RowBatches(const std::vector<MadeColumn>& columns)
    : fields_(std::make_shared<std::vector<::tarn::Field>>()) {
  int32_t next_id = 1;
  for (const MadeColumn& column : columns) {
    ::tarn::Field field{.id = FieldId(next_id++), .name = column.name};
    field.type = CarrierFor(column.type, next_id);
    made_.columns.push_back({.name = column.name, .type = column.type, .field = field});
    fields_->push_back(std::move(field));
  }
}

void RowBatches::Add(std::vector<Value> row) {
  waiting_bytes_ += static_cast<int64_t>(row.size() * sizeof(Value));
  for (const Value& value : row) {
    const auto* text = std::get_if<std::string>(&value);
    if (text != nullptr) waiting_bytes_ += static_cast<int64_t>(text->size());
  }
  waiting_.push_back(std::move(row));
  if (waiting_bytes_ >= kBatchBytes) Encode();
}

void RowBatches::Encode() {
  if (waiting_.empty()) return;
  const auto rows = static_cast<int64_t>(waiting_.size());
  std::vector<Buffers> buffers(fields_->size());
  BatchView view{.rows = rows, .columns = {}};
  std::vector<Type> types;
  for (size_t i = 0; i < fields_->size(); ++i) {
    types.push_back((*fields_)[i].type);
    view.columns.push_back(ColumnEncoder(waiting_, i, buffers[i]).Encode(types[i]));
  }
  auto bytes = std::make_shared<std::vector<uint8_t>>();
  EncodeBatch(view, *bytes);
  encoded_bytes_ += static_cast<int64_t>(bytes->size());
  // Cannot fail: it was encoded here, of these types.
  BatchView decoded = DecodeBatch(*bytes, types).value();
  made_.rows.batches.push_back({.owner = std::move(bytes),
                                .view = std::move(decoded),
                                .fields = fields_,
                                .first_ordinal = rows_});
  rows_ += rows;
  waiting_.clear();
  waiting_bytes_ = 0;
}

MadeRows RowBatches::Finish(std::shared_ptr<const void> owner) {
  Encode();
  if (rows_ > 0) made_.rows.visible.push_back({.begin = 0, .end = rows_});
  if (owner == nullptr) return std::move(made_);
  for (engine::PendingRows::Batch& batch : made_.rows.batches) {
    using Bytes = std::shared_ptr<const std::vector<uint8_t>>;
    auto both = std::make_shared<std::pair<Bytes, std::shared_ptr<const void>>>(
        std::move(batch.owner), owner);
    const std::vector<uint8_t>* const bytes = both->first.get();
    batch.owner = Bytes(std::move(both), bytes);
  }
  return std::move(made_);
}

MadeRows MakeRows(const std::vector<MadeColumn>& columns,
                  const std::vector<std::vector<Value>>& rows) {
  RowBatches batches(columns);
  for (const std::vector<Value>& row : rows) batches.Add(row);
  return batches.Finish();
}

}  // namespace tarn::warehouse
