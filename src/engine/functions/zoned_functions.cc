// SPDX-License-Identifier: Apache-2.0
// TIMESTAMP_TZ is a struct of seconds since the epoch, nanoseconds and minutes east of UTC
// (sql/data_type.h).
//   tarn_zoned(clock, utc): of what a clock shows and UTC's at the same time
//   tarn_zoned_of_text(text): null for a text without an offset; tarn_zoned_at(instant, minutes)
//   tarn_zoned_like(clock, zoned): with its offset
//   tarn_zoned_clock(zoned): what its clock shows; tarn_zoned_instant(zoned);
//   tarn_zoned_offset(zoned): minutes
#include <duckdb.hpp>

#include <optional>

#include "engine/functions/registration.h"
#include "engine/functions/row_function.h"
#include "engine/functions/timestamp_text.h"
#include "engine/functions/zoned_type.h"

namespace tarn::engine {

namespace {

using duckdb::LogicalType;

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;

/// Runs a function of one row whose result is a Zoned; the first argument may be a struct that is
/// read apart.
template <typename Function>
void WriteZoned(duckdb::DataChunk& chunk, duckdb::Vector& result, const Function& function) {
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto& members = duckdb::StructVector::GetEntries(result);
  for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
    const std::optional<Zoned> value = function(row);
    if (!value) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    int64_t seconds = value->micros / kMicrosPerSecond;
    int64_t rest = value->micros % kMicrosPerSecond;
    if (rest < 0) {
      rest += kMicrosPerSecond;
      --seconds;
    }
    WriteResult(*members[0], row, seconds);
    WriteResult(*members[1], row, static_cast<int32_t>(rest * 1000));
    WriteResult(*members[2], row, value->offset);
  }
  if (chunk.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

template <typename T>
class Column {
 public:
  Column(duckdb::DataChunk& chunk, duckdb::idx_t index) {
    chunk.data[index].ToUnifiedFormat(chunk.size(), format_);
  }
  const T* At(duckdb::idx_t row) const {
    const duckdb::idx_t index = format_.sel->get_index(row);
    if (!format_.validity.RowIsValid(index)) return nullptr;
    return duckdb::UnifiedVectorFormat::GetData<T>(format_) + index;
  }

 private:
  duckdb::UnifiedVectorFormat format_;
};

using Moments = Column<duckdb::timestamp_t>;

void OfClocks(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  const Moments clocks(chunk, 0);
  const Moments utc(chunk, 1);
  WriteZoned(chunk, result, [&](duckdb::idx_t row) -> std::optional<Zoned> {
    const auto* clock = clocks.At(row);
    const auto* at = utc.At(row);
    if (clock == nullptr || at == nullptr) return std::nullopt;
    return Zoned{at->value, static_cast<int32_t>((clock->value - at->value) / kMicrosPerMinute)};
  });
}

void OfText(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  const Column<duckdb::string_t> texts(chunk, 0);
  WriteZoned(chunk, result, [&](duckdb::idx_t row) -> std::optional<Zoned> {
    const auto* text = texts.At(row);
    if (text == nullptr) return std::nullopt;
    const auto moment = ParseMoment({text->GetData(), text->GetSize()});
    if (!moment || !moment->offset_minutes) return std::nullopt;
    return Zoned{moment->micros - *moment->offset_minutes * kMicrosPerMinute,
                 *moment->offset_minutes};
  });
}

void OfModel(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  const Column<duckdb::string_t> texts(chunk, 0);
  const Column<duckdb::string_t> models(chunk, 1);
  WriteZoned(chunk, result, [&](duckdb::idx_t row) -> std::optional<Zoned> {
    const auto* text = texts.At(row);
    const auto* model = models.At(row);
    if (text == nullptr || model == nullptr) return std::nullopt;
    const auto moment =
        ParseMoment({text->GetData(), text->GetSize()}, {model->GetData(), model->GetSize()});
    if (!moment || !moment->offset_minutes) return std::nullopt;
    return Zoned{moment->micros - *moment->offset_minutes * kMicrosPerMinute,
                 *moment->offset_minutes};
  });
}

void AtOffset(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  const Column<duckdb::timestamp_tz_t> instants(chunk, 0);
  const Column<int64_t> offsets(chunk, 1);
  WriteZoned(chunk, result, [&](duckdb::idx_t row) -> std::optional<Zoned> {
    const auto* instant = instants.At(row);
    const auto* offset = offsets.At(row);
    if (instant == nullptr || offset == nullptr) return std::nullopt;
    return Zoned{instant->value, static_cast<int32_t>(*offset)};
  });
}

void Like(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  const Moments clocks(chunk, 0);
  const ZonedColumn zoned(chunk.data[1], chunk.size());
  WriteZoned(chunk, result, [&](duckdb::idx_t row) -> std::optional<Zoned> {
    const auto* clock = clocks.At(row);
    const auto like = zoned.At(row);
    if (clock == nullptr || !like) return std::nullopt;
    return Zoned{clock->value - like->offset * kMicrosPerMinute, like->offset};
  });
}

/// A function of a Zoned alone.
template <typename T, T (*read)(const Zoned&)>
void ReadZoned(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  const ZonedColumn zoned(chunk.data[0], chunk.size());
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
    if (const auto value = zoned.At(row)) {
      WriteResult(result, row, read(*value));
    } else {
      duckdb::FlatVector::SetNull(result, row, true);
    }
  }
  if (chunk.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

duckdb::timestamp_t ClockOf(const Zoned& value) {
  return duckdb::timestamp_t(value.micros + value.offset * kMicrosPerMinute);
}
duckdb::timestamp_tz_t InstantOf(const Zoned& value) {
  return duckdb::timestamp_tz_t(value.micros);
}
int64_t OffsetOf(const Zoned& value) { return value.offset; }

void Add(duckdb::ExtensionLoader& loader, const char* name, duckdb::vector<LogicalType> arguments,
         LogicalType type, duckdb::scalar_function_t function) {
  duckdb::ScalarFunction entry(name, std::move(arguments), std::move(type), std::move(function));
  entry.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  loader.RegisterFunction(entry);
}

}  // namespace

LogicalType ZonedType() {
  return LogicalType::STRUCT(
      {{"p0", LogicalType::BIGINT}, {"p1", LogicalType::INTEGER}, {"p2", LogicalType::INTEGER}});
}

ZonedColumn::ZonedColumn(duckdb::Vector& vector, duckdb::idx_t count) : flat_(vector) {
  flat_.Flatten(count);
}

std::optional<Zoned> ZonedColumn::At(duckdb::idx_t row) const {
  if (duckdb::FlatVector::IsNull(flat_, row)) return std::nullopt;
  const auto& members = duckdb::StructVector::GetEntries(flat_);
  const int64_t seconds = duckdb::FlatVector::GetData<int64_t>(*members[0])[row];
  const int32_t nanos = duckdb::FlatVector::GetData<int32_t>(*members[1])[row];
  return Zoned{seconds * kMicrosPerSecond + nanos / 1000,
               duckdb::FlatVector::GetData<int32_t>(*members[2])[row]};
}

void RegisterZonedFunctions(duckdb::ExtensionLoader& loader) {
  const LogicalType text = LogicalType::VARCHAR;
  const LogicalType clock = LogicalType::TIMESTAMP;
  Add(loader, "tarn_zoned", {clock, clock}, ZonedType(), OfClocks);
  Add(loader, "tarn_zoned_of_text", {text}, ZonedType(), OfText);
  Add(loader, "tarn_zoned_of_model", {text, text}, ZonedType(), OfModel);
  Add(loader, "tarn_zoned_at", {LogicalType::TIMESTAMP_TZ, LogicalType::BIGINT}, ZonedType(),
      AtOffset);
  Add(loader, "tarn_zoned_like", {clock, ZonedType()}, ZonedType(), Like);
  Add(loader, "tarn_zoned_clock", {ZonedType()}, clock, ReadZoned<duckdb::timestamp_t, ClockOf>);
  Add(loader, "tarn_zoned_instant", {ZonedType()}, LogicalType::TIMESTAMP_TZ,
      ReadZoned<duckdb::timestamp_tz_t, InstantOf>);
  Add(loader, "tarn_zoned_offset", {ZonedType()}, LogicalType::BIGINT,
      ReadZoned<int64_t, OffsetOf>);
}

}  // namespace tarn::engine
