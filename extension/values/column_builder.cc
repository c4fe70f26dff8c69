// SPDX-License-Identifier: Apache-2.0
#include "values/column_builder.h"

extern "C" {
#include <access/detoast.h>
#include <access/htup_details.h>
#include <datatype/timestamp.h>
#include <utils/array.h>
#include <utils/builtins.h>
#include <utils/date.h>
#include <utils/fmgroids.h>
#include <utils/jsonb.h>
#include <utils/lsyscache.h>
#include <utils/memutils.h>
#include <utils/timestamp.h>
#include <utils/uuid.h>
#include <varatt.h>
}

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <new>

#include "boundary/guard.h"
#include "values/numeric_layout.h"
#include "values/value_limits.h"

namespace tarn::extension {
namespace {

/// Offsets are 32-bit, and a frame of the wire holds a whole batch.
constexpr size_t kMaxColumnBytes = size_t{1} << 30;
constexpr int64_t kFirstRows = 64;
/// What Clear keeps of a column's strings for the next batch.
constexpr size_t kKeptBytes = size_t{16} << 20;

size_t WidthOf(ValueForm form) {
  switch (form) {
    case ValueForm::kInt2:
    case ValueForm::kInt4:
    case ValueForm::kFloat4:
    case ValueForm::kDate:
      return 4;
    case ValueForm::kInt8:
    case ValueForm::kFloat8:
    case ValueForm::kTime:
    case ValueForm::kTimestamp:
      return 8;
    case ValueForm::kNumeric:
    case ValueForm::kUuid:
      return 16;
    default:
      return 0;
  }
}

bool HasOffsets(ValueForm form) {
  switch (form) {
    case ValueForm::kVarlena:
    case ValueForm::kJsonb:
    case ValueForm::kEnum:
    case ValueForm::kArray:
      return true;
    default:
      return false;
  }
}

size_t BitmapBytes(int64_t rows) { return static_cast<size_t>(rows + 7) / 8; }

}  // namespace

GrowingBuffer::~GrowingBuffer() { std::free(data_); }

void GrowingBuffer::Release() {
  std::free(data_);
  data_ = nullptr;
  capacity_ = 0;
}

void GrowingBuffer::Grow(size_t bytes) {
  const size_t capacity = std::max({bytes, capacity_ * 2, size_t{256}});
  void* data = std::realloc(data_, capacity);
  if (data == nullptr) throw std::bad_alloc();
  data_ = static_cast<uint8_t*>(data);
  capacity_ = capacity;
}

ScratchMemory::~ScratchMemory() {
  if (context_ != nullptr) MemoryContextDelete(context_);
}

MemoryContext ScratchMemory::Use() {
  if (context_ == nullptr) {
    context_ = Pg([] {
      return AllocSetContextCreate(TopMemoryContext, "tarn detoasted values",
                                   ALLOCSET_DEFAULT_SIZES);
    });
  }
  used_ = true;
  return context_;
}

void ScratchMemory::ResetUsed() {
  MemoryContextReset(context_);
  used_ = false;
}

ColumnBuilder::ColumnBuilder(const ValueMapping& mapping, const std::string& subject,
                             ScratchMemory& scratch)
    : mapping_(mapping),
      subject_(subject),
      scratch_(scratch),
      form_(mapping.form),
      has_offsets_(HasOffsets(mapping.form)),
      width_(WidthOf(mapping.form)) {
  if (mapping.element) children_.emplace_back(*mapping.element, subject, scratch);
  for (const ValueMapping::Member& member : mapping.members) {
    children_.emplace_back(*member.mapping, subject, scratch);
  }
  if (form_ == ValueForm::kComposite) {
    const auto attributes = static_cast<size_t>(mapping.descriptor->natts);
    member_values_.resize(attributes);
    member_nulls_ = std::make_unique<bool[]>(attributes);
  }
}

void ColumnBuilder::Grow(int64_t rows) {
  const int64_t capacity = std::max({rows, capacity_ * 2, kFirstRows});
  const auto count = static_cast<size_t>(capacity);
  if (width_ != 0) values_.Reserve(count * width_);
  if (form_ == ValueForm::kBool) values_.Reserve(BitmapBytes(capacity));
  if (has_offsets_) {
    offsets_.Reserve((count + 1) * sizeof(int32_t));
    if (capacity_ == 0) offsets()[0] = 0;
  }
  if (has_nulls_) {
    validity_.Reserve(BitmapBytes(capacity));
    const size_t old_bytes = BitmapBytes(capacity_);
    std::memset(validity_.data() + old_bytes, 0xff, BitmapBytes(capacity) - old_bytes);
  }
  capacity_ = capacity;
}

void ColumnBuilder::SetNull(int64_t row) {
  if (row >= capacity_) Grow(row + 1);
  if (!has_nulls_) {
    validity_.Reserve(BitmapBytes(capacity_));
    std::memset(validity_.data(), 0xff, BitmapBytes(capacity_));
    has_nulls_ = true;
  }
  validity_.data()[row >> 3] &= static_cast<uint8_t>(~(1U << (row & 7)));
  if (width_ != 0) std::memset(values_.data() + static_cast<size_t>(row) * width_, 0, width_);
  if (has_offsets_) offsets()[row + 1] = offsets()[row];
  if (form_ == ValueForm::kBool) {
    values_.data()[row >> 3] &= static_cast<uint8_t>(~(1U << (row & 7)));
  }
  if (form_ == ValueForm::kComposite) {
    for (ColumnBuilder& child : children_) child.SetNull(row);
  }
}

void ColumnBuilder::Clear() {
  has_nulls_ = false;
  if (width_ == 0 && form_ != ValueForm::kBool && values_.capacity() > kKeptBytes)
    values_.Release();
  for (ColumnBuilder& child : children_) child.Clear();
}

void ColumnBuilder::SetValue(int64_t row, Datum value) {
  switch (form_) {
    case ValueForm::kBool: {
      uint8_t& byte = values_.data()[row >> 3];
      const auto bit = static_cast<uint8_t>(1U << (row & 7));
      byte = static_cast<uint8_t>(DatumGetBool(value) ? byte | bit : byte & ~bit);
      return;
    }
    case ValueForm::kInt2:
      return Put<int32_t>(row, DatumGetInt16(value));
    case ValueForm::kInt4:
      return Put<int32_t>(row, DatumGetInt32(value));
    case ValueForm::kInt8:
      return Put<int64_t>(row, DatumGetInt64(value));
    case ValueForm::kFloat4:
      return Put<float>(row, DatumGetFloat4(value));
    case ValueForm::kFloat8:
      return Put<double>(row, DatumGetFloat8(value));
    case ValueForm::kNumeric:
      return SetNumeric(row, value);
    case ValueForm::kVarlena:
      return SetVarlena(row, value);
    case ValueForm::kDate:
      return SetDate(row, DatumGetDateADT(value));
    case ValueForm::kTime:
      return SetTime(row, DatumGetTimeADT(value));
    case ValueForm::kTimestamp:
      return SetTimestamp(row, DatumGetTimestamp(value));
    case ValueForm::kUuid:
      std::memcpy(values_.data() + row * UUID_LEN, DatumGetPointer(value), UUID_LEN);
      return;
    case ValueForm::kJsonb:
      return SetJsonb(row, value);
    case ValueForm::kEnum:
      return SetEnum(row, DatumGetObjectId(value));
    case ValueForm::kArray:
      return SetArray(row, value);
    case ValueForm::kComposite:
      return SetComposite(row, value);
  }
}

struct varlena* ColumnBuilder::Detoast(Datum value) {
  auto* data = reinterpret_cast<struct varlena*>(DatumGetPointer(value));
  if (!VARATT_IS_EXTERNAL(data) && !VARATT_IS_COMPRESSED(data)) return data;
  return DetoastAligned(value);
}

struct varlena* ColumnBuilder::DetoastAligned(Datum value) {
  auto* data = reinterpret_cast<struct varlena*>(DatumGetPointer(value));
  if (!VARATT_IS_EXTENDED(data)) return data;
  MemoryContext context = scratch_.Use();
  return Pg([&] {
    MemoryContext old = MemoryContextSwitchTo(context);
    struct varlena* plain = detoast_attr(data);
    MemoryContextSwitchTo(old);
    return plain;
  });
}

void ColumnBuilder::SetBytes(int64_t row, const char* data, size_t size) {
  const auto start = static_cast<size_t>(offsets()[row]);
  const size_t end = start + size;
  if (end > kMaxColumnBytes) {
    RefuseValue(ERRCODE_PROGRAM_LIMIT_EXCEEDED,
                fmt::format("values of {} take more than {} bytes", subject_, kMaxColumnBytes), "");
  }
  values_.Reserve(end);
  std::memcpy(values_.data() + start, data, size);
  offsets()[row + 1] = static_cast<int32_t>(end);
}

void ColumnBuilder::SetVarlena(int64_t row, Datum value) {
  const struct varlena* data = Detoast(value);
  SetBytes(row, VARDATA_ANY(data), VARSIZE_ANY_EXHDR(data));
}

void ColumnBuilder::SetNumeric(int64_t row, Datum value) {
  const struct varlena* data = Detoast(value);
  const NumericParts parts = ParseNumeric(VARDATA_ANY(data), VARSIZE_ANY_EXHDR(data));
  const Type& type = mapping_.type;
  if (parts.value_class != NumericClass::kFinite) {
    RefuseValue(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
                fmt::format("{} cannot hold {} in an Iceberg table", subject_,
                            parts.value_class == NumericClass::kNan        ? "NaN"
                            : parts.value_class == NumericClass::kInfinity ? "Infinity"
                                                                           : "-Infinity"),
                "Iceberg decimals are finite numbers; use null, or double precision.");
  }
  UInt128 magnitude = 0;
  const ScaleOutcome outcome = ScaleNumeric(parts, type.precision, type.scale, magnitude);
  if (outcome != ScaleOutcome::kExact) {
    RefuseValue(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
                outcome == ScaleOutcome::kOverflow
                    ? fmt::format("value of {} has more than {} digits before the point", subject_,
                                  type.precision - type.scale)
                    : fmt::format("value of {} has more than {} decimals", subject_, type.scale),
                fmt::format("It is stored as decimal({}, {}); round the value, or declare the type "
                            "as numeric(precision, scale).",
                            type.precision, type.scale));
  }
  Put<Int128>(row,
              parts.negative ? -static_cast<Int128>(magnitude) : static_cast<Int128>(magnitude));
}

void ColumnBuilder::SetDate(int64_t row, DateADT value) {
  if (DATE_NOT_FINITE(value)) {
    RefuseValue(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE,
                fmt::format("{} cannot hold {} in an Iceberg table", subject_,
                            DATE_IS_NOBEGIN(value) ? "-infinity" : "infinity"),
                "Iceberg dates are finite; use null.");
  }
  Put<int32_t>(row, value + kPostgresEpochDays);
}

void ColumnBuilder::SetTime(int64_t row, int64_t value) {
  if (value >= USECS_PER_DAY) {
    RefuseValue(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE,
                fmt::format("{} cannot hold 24:00:00 in an Iceberg table", subject_),
                "Iceberg times end at 23:59:59.999999.");
  }
  Put<int64_t>(row, value);
}

void ColumnBuilder::SetTimestamp(int64_t row, int64_t value) {
  if (TIMESTAMP_NOT_FINITE(value)) {
    RefuseValue(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE,
                fmt::format("{} cannot hold {} in an Iceberg table", subject_,
                            TIMESTAMP_IS_NOBEGIN(value) ? "-infinity" : "infinity"),
                "Iceberg timestamps are finite; use null.");
  }
  if (value > kLastTimestamp) {
    RefuseValue(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE,
                fmt::format("value of {} is out of range for an Iceberg timestamp", subject_),
                "The last timestamp is 294247-01-10 04:00:54.775806.");
  }
  Put<int64_t>(row, value + kPostgresEpochMicros);
}

void ColumnBuilder::SetJsonb(int64_t row, Datum value) {
  auto* jsonb = reinterpret_cast<Jsonb*>(DetoastAligned(value));
  MemoryContext context = scratch_.Use();
  struct Text {
    const char* data;
    size_t size;
  };
  const Text text = Pg([&] {
    MemoryContext old = MemoryContextSwitchTo(context);
    StringInfoData out;
    initStringInfo(&out);
    JsonbToCString(&out, &jsonb->root, VARSIZE(jsonb));
    MemoryContextSwitchTo(old);
    return Text{out.data, static_cast<size_t>(out.len)};
  });
  SetBytes(row, text.data, text.size);
}

void ColumnBuilder::SetEnum(int64_t row, Oid value) {
  for (const Label& label : labels_) {
    if (label.oid == value) return SetBytes(row, label.text.data(), label.text.size());
  }
  const char* text = Pg([&] { return DatumGetCString(OidFunctionCall1(F_ENUM_OUT, value)); });
  // Most used labels come early; beyond a limit the look-up in the server's cache is as good.
  constexpr size_t kMaxLabels = 64;
  if (labels_.size() < kMaxLabels) labels_.push_back({value, text});
  SetBytes(row, text, std::strlen(text));
}

void ColumnBuilder::SetArray(int64_t row, Datum value) {
  auto* array = reinterpret_cast<ArrayType*>(DetoastAligned(value));
  const int dimensions = ARR_NDIM(array);
  if (dimensions > 1) {
    RefuseValue(ERRCODE_FEATURE_NOT_SUPPORTED,
                fmt::format("{} cannot hold an array of {} dimensions in an Iceberg table",
                            subject_, dimensions),
                "Iceberg lists have one dimension.");
  }
  if (dimensions == 1 && ARR_LBOUND(array)[0] != 1) {
    RefuseValue(
        ERRCODE_FEATURE_NOT_SUPPORTED,
        fmt::format("{} cannot hold an array with lower bound {} in an Iceberg table", subject_,
                    ARR_LBOUND(array)[0]),
        "Iceberg lists begin at 1; array_agg(unnest(…)) and array literals without bounds do.");
  }
  const int count = dimensions == 0 ? 0 : ARR_DIMS(array)[0];
  const int64_t start = offsets()[row];
  if (start + count > std::numeric_limits<int32_t>::max()) {
    RefuseValue(ERRCODE_PROGRAM_LIMIT_EXCEEDED,
                fmt::format("arrays of {} have too many elements", subject_), "");
  }
  const char* element = ARR_DATA_PTR(array);
  const bits8* valid = ARR_NULLBITMAP(array);
  ColumnBuilder& child = children_[0];
  for (int i = 0; i < count; ++i) {
    if (valid != nullptr && (valid[i >> 3] & (1 << (i & 7))) == 0) {
      child.SetNull(start + i);
      continue;
    }
    child.Set(start + i, fetch_att(element, mapping_.element_by_value, mapping_.element_length));
    element = att_addlength_pointer(element, mapping_.element_length, element);
    // NOLINTNEXTLINE(performance-no-int-to-ptr): PostgreSQL aligns addresses as numbers
    element = reinterpret_cast<const char*>(att_align_nominal(element, mapping_.element_align));
  }
  offsets()[row + 1] = static_cast<int32_t>(start + count);
}

void ColumnBuilder::SetComposite(int64_t row, Datum value) {
  auto* header = reinterpret_cast<HeapTupleHeader>(DetoastAligned(value));
  HeapTupleData tuple{};
  tuple.t_len = HeapTupleHeaderGetDatumLength(header);
  ItemPointerSetInvalid(&tuple.t_self);
  tuple.t_data = header;
  Pg([&] {
    heap_deform_tuple(&tuple, mapping_.descriptor, member_values_.data(), member_nulls_.get());
  });
  for (size_t i = 0; i < children_.size(); ++i) {
    const auto index = static_cast<size_t>(mapping_.members[i].index);
    if (member_nulls_[index]) {
      children_[i].SetNull(row);
    } else {
      children_[i].Set(row, member_values_[index]);
    }
  }
}

size_t ColumnBuilder::bytes(int64_t rows) const {
  const auto count = static_cast<size_t>(rows);
  size_t bytes = count * width_ + (form_ == ValueForm::kBool ? BitmapBytes(rows) : 0) +
                 (has_nulls_ ? BitmapBytes(rows) : 0);
  int64_t child_rows = rows;
  if (has_offsets_ && rows > 0) {
    const auto* offsets = reinterpret_cast<const int32_t*>(offsets_.data());
    bytes += (count + 1) * sizeof(int32_t);
    child_rows = offsets[rows];
    if (form_ != ValueForm::kArray) bytes += static_cast<size_t>(child_rows);
  }
  for (const ColumnBuilder& child : children_) bytes += child.bytes(child_rows);
  return bytes;
}

ColumnView ColumnBuilder::view(int64_t rows) const {
  static constexpr int32_t kNoOffsets[2] = {0, 0};
  ColumnView view;
  view.rows = rows;
  if (has_nulls_) view.validity = validity_.data();
  view.values = values_.data();
  view.values_bytes =
      form_ == ValueForm::kBool ? BitmapBytes(rows) : static_cast<size_t>(rows) * width_;
  int64_t child_rows = rows;
  if (has_offsets_) {
    view.offsets = capacity_ == 0 ? kNoOffsets : reinterpret_cast<const int32_t*>(offsets_.data());
    child_rows = view.offsets[rows];
    if (form_ != ValueForm::kArray) view.values_bytes = static_cast<size_t>(child_rows);
  }
  for (const ColumnBuilder& child : children_) view.children.push_back(child.view(child_rows));
  return view;
}

}  // namespace tarn::extension
