// SPDX-License-Identifier: Apache-2.0
#include "values/datum_reader.h"

extern "C" {
#include <access/htup_details.h>
#include <catalog/pg_type.h>
#include <funcapi.h>
#include <mb/pg_wchar.h>
#include <utils/array.h>
#include <utils/builtins.h>
#include <utils/date.h>
#include <utils/fmgroids.h>
#include <utils/fmgrprotos.h>
#include <utils/memutils.h>
#include <utils/numeric.h>
#include <utils/timestamp.h>
#include <utils/uuid.h>
#include <varatt.h>
}

#include <algorithm>

#include "boundary/guard.h"
#include "values/numeric_layout.h"
#include "values/value_limits.h"
#include "values/value_mapping.h"

namespace tarn::extension {
namespace {
constexpr size_t kChunkBytes = 256 * 1024;

/// Another writer's value that Iceberg's type holds, and PostgreSQL's does not.
[[noreturn]] [[gnu::cold]] void RefuseRange(int64_t value, const char* type) {
  RefuseValue(
      ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
      fmt::format("value {} in a file of a lake table is out of range for type {}", value, type),
      "Another writer has put it there. Have the column's type changed, or the row "
      "removed.");
}

/// DuckDB has seen to it that the text is UTF-8. All of a batch is looked at in one go.
void CheckNoZeroBytes(const ColumnView& view) {
  if (view.rows == 0 || view.offsets[view.rows] == 0) return;
  if (std::memchr(view.values, 0, static_cast<size_t>(view.offsets[view.rows])) == nullptr)
      [[likely]] {
    return;
  }
  RefuseValue(
      ERRCODE_CHARACTER_NOT_IN_REPERTOIRE, "a text in a file of a lake table holds a zero byte",
      "Another writer has put it there, and PostgreSQL's texts cannot hold it. Have the row "
      "removed.");
}

[[noreturn]] [[gnu::cold]] void RefuseLength(const ValueMapping& mapping) {
  RefuseValue(
      ERRCODE_STRING_DATA_RIGHT_TRUNCATION,
      fmt::format("a text in a file of a lake table is too long for type {}({})",
                  mapping.type_oid == BPCHAROID ? "character" : "character varying",
                  mapping.max_chars),
      "Another writer has put it there. Have the column's type changed, or the row removed.");
}

int16 CheckedInt2(int32_t value) {
  if (value < PG_INT16_MIN || value > PG_INT16_MAX) [[unlikely]]
    RefuseRange(value, "smallint");
  return static_cast<int16>(value);
}

DateADT CheckedDate(int32_t days) {
  const int64_t date = int64_t{days} - kPostgresEpochDays;
  if (!IS_VALID_DATE(date)) [[unlikely]]
    RefuseRange(days, "date");
  return static_cast<DateADT>(date);
}

TimeADT CheckedTime(int64_t micros) {
  if (micros < 0 || micros > USECS_PER_DAY) [[unlikely]]
    RefuseRange(micros, "time");
  return micros;
}

Timestamp CheckedTimestamp(int64_t micros) {
  int64_t timestamp = 0;
  if (__builtin_sub_overflow(micros, kPostgresEpochMicros, &timestamp) ||
      !IS_VALID_TIMESTAMP(timestamp)) [[unlikely]] {
    RefuseRange(micros, "timestamp");
  }
  return timestamp;
}
}  // namespace

DatumArena::~DatumArena() {
  if (context_ != nullptr) MemoryContextDelete(context_);
}

char* DatumArena::AllocateSlow(size_t size) {
  // Chunks that are too small for this value are left out until the next Reset.
  while (used_chunks_ < chunks_.size() && chunks_[used_chunks_].size < size) ++used_chunks_;
  if (used_chunks_ == chunks_.size()) {
    const size_t bytes = std::max(size, kChunkBytes);
    chunks_.push_back({std::make_unique_for_overwrite<char[]>(bytes), bytes});
  }
  const Chunk& chunk = chunks_[used_chunks_++];
  next_ = chunk.memory.get() + size;
  left_ = chunk.size - size;
  return chunk.memory.get();
}

MemoryContext DatumArena::context() {
  if (context_ == nullptr) {
    context_ = Pg([] {
      return AllocSetContextCreate(TopMemoryContext, "tarn values of a batch",
                                   ALLOCSET_DEFAULT_SIZES);
    });
  }
  context_used_ = true;
  return context_;
}

void DatumArena::Reset() {
  // What one batch of large values took is not kept.
  std::erase_if(chunks_, [](const Chunk& chunk) { return chunk.size > 16 * kChunkBytes; });
  used_chunks_ = 0;
  next_ = nullptr;
  left_ = 0;
  if (context_used_) MemoryContextReset(context_);
  context_used_ = false;
}

DatumReader::DatumReader(const ValueMapping& mapping, DatumArena& arena)
    : mapping_(mapping), arena_(arena), form_(mapping.form), scale_(mapping.type.scale) {
  if (mapping.element) children_.emplace_back(*mapping.element, arena);
  for (const ValueMapping::Member& member : mapping.members) {
    children_.emplace_back(*member.mapping, arena);
  }
}

void DatumReader::SetColumn(const ColumnView& view) {
  validity_ = view.validity;
  values_ = view.values;
  offsets_ = view.offsets;
  if (form_ == ValueForm::kVarlena && mapping_.type.kind == TypeKind::kString) {
    CheckNoZeroBytes(view);
  }
  for (size_t i = 0; i < children_.size(); ++i) children_[i].SetColumn(view.children[i]);
}

Datum DatumReader::Read(int64_t row) {
  switch (form_) {
    case ValueForm::kBool:
      return BoolGetDatum(values_[row >> 3] >> (row & 7) & 1);
    case ValueForm::kInt2:
      return Int16GetDatum(CheckedInt2(Get<int32_t>(row)));
    case ValueForm::kInt4:
      return Int32GetDatum(Get<int32_t>(row));
    case ValueForm::kInt8:
      return Int64GetDatum(Get<int64_t>(row));
    case ValueForm::kFloat4:
      return Float4GetDatum(Get<float>(row));
    case ValueForm::kFloat8:
      return Float8GetDatum(Get<double>(row));
    case ValueForm::kNumeric:
      return ReadNumeric(row);
    case ValueForm::kVarlena:
      return ReadVarlena(row);
    case ValueForm::kDate:
      return DateADTGetDatum(CheckedDate(Get<int32_t>(row)));
    case ValueForm::kTime:
      return TimeADTGetDatum(CheckedTime(Get<int64_t>(row)));
    case ValueForm::kTimestamp:
      return TimestampGetDatum(CheckedTimestamp(Get<int64_t>(row)));
    case ValueForm::kUuid:
      return PointerGetDatum(values_ + row * UUID_LEN);
    case ValueForm::kJsonb:
      return ReadJsonb(row);
    case ValueForm::kEnum:
      return ReadEnum(row);
    case ValueForm::kArray:
      return ReadArray(row);
    case ValueForm::kComposite:
      return ReadComposite(row);
  }
  pg_unreachable();
}

Datum DatumReader::ReadNumeric(int64_t row) {
  char* out = arena_.Allocate(kMaxNumericBytes);
  BuildNumeric(Get<Int128>(row), scale_, out);
  return PointerGetDatum(out);
}

Datum DatumReader::ReadVarlena(int64_t row) {
  const int32_t start = offsets_[row];
  const auto size = static_cast<size_t>(offsets_[row + 1] - start);
  if (mapping_.max_chars > 0 && size > static_cast<size_t>(mapping_.max_chars)) {
    const char* text = reinterpret_cast<const char*>(values_) + start;
    // Counts without errors.
    if (pg_mbstrlen_with_len(text, static_cast<int>(size)) > mapping_.max_chars) [[unlikely]]
      RefuseLength(mapping_);
  }
  char* out = arena_.Allocate(size + VARHDRSZ);
  SET_VARSIZE(out, size + VARHDRSZ);
  std::memcpy(VARDATA(out), values_ + start, size);
  return PointerGetDatum(out);
}

Datum DatumReader::ReadJsonb(int64_t row) {
  text_.assign(reinterpret_cast<const char*>(values_) + offsets_[row],
               static_cast<size_t>(offsets_[row + 1] - offsets_[row]));
  char* text = text_.data();
  MemoryContext context = arena_.context();
  return Pg([&] {
    MemoryContext old = MemoryContextSwitchTo(context);
    const Datum value = DirectFunctionCall1(jsonb_in, CStringGetDatum(text));
    MemoryContextSwitchTo(old);
    return value;
  });
}

Datum DatumReader::ReadEnum(int64_t row) {
  text_.assign(reinterpret_cast<const char*>(values_) + offsets_[row],
               static_cast<size_t>(offsets_[row + 1] - offsets_[row]));
  if (auto found = labels_.find(text_); found != labels_.end()) {
    return ObjectIdGetDatum(found->second);
  }
  char* text = text_.data();
  const Oid type_oid = mapping_.type_oid;
  const Oid oid = Pg([&] {
    return DatumGetObjectId(
        OidFunctionCall2(F_ENUM_IN, CStringGetDatum(text), ObjectIdGetDatum(type_oid)));
  });
  labels_.emplace(text_, oid);
  return ObjectIdGetDatum(oid);
}

Datum DatumReader::ReadArray(int64_t row) {
  const int32_t start = offsets_[row];
  const int count = offsets_[row + 1] - start;
  DatumReader& child = children_[0];
  std::vector<Datum> values(static_cast<size_t>(count));
  const auto nulls = std::make_unique<bool[]>(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    nulls[i] = child.is_null(start + i);
    values[i] = nulls[i] ? Datum{0} : child.Read(start + i);
  }
  MemoryContext context = arena_.context();
  return Pg([&] {
    MemoryContext old = MemoryContextSwitchTo(context);
    int dimension = count;
    int lower_bound = 1;
    ArrayType* array =
        count == 0 ? construct_empty_array(mapping_.element_oid)
                   : construct_md_array(values.data(), nulls.get(), 1, &dimension, &lower_bound,
                                        mapping_.element_oid, mapping_.element_length,
                                        mapping_.element_by_value, mapping_.element_align);
    MemoryContextSwitchTo(old);
    return PointerGetDatum(array);
  });
}

Datum DatumReader::ReadComposite(int64_t row) {
  const auto attributes = static_cast<size_t>(mapping_.descriptor->natts);
  std::vector<Datum> values(attributes);
  const auto nulls = std::make_unique_for_overwrite<bool[]>(attributes);
  std::fill_n(nulls.get(), attributes, true);
  for (size_t i = 0; i < children_.size(); ++i) {
    if (children_[i].is_null(row)) continue;
    const auto index = static_cast<size_t>(mapping_.members[i].index);
    nulls[index] = false;
    values[index] = children_[i].Read(row);
  }
  MemoryContext context = arena_.context();
  return Pg([&] {
    MemoryContext old = MemoryContextSwitchTo(context);
    HeapTuple tuple = heap_form_tuple(mapping_.descriptor, values.data(), nulls.get());
    const Datum value = HeapTupleGetDatum(tuple);
    MemoryContextSwitchTo(old);
    return value;
  });
}

}  // namespace tarn::extension
