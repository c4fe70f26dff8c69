// SPDX-License-Identifier: Apache-2.0
// Times as texts in the session's output formats (QueryRequest::formats): tarn_date_text(date),
// tarn_time_text(time), tarn_timestamp_text(timestamp), tarn_instant_text(local, utc) with the
// offset between the two, tarn_zoned_text(zoned). With a model: tarn_format_timestamp(timestamp,
// model), tarn_format_instant(local, utc, model), tarn_format_zoned(zoned, model),
// tarn_format_time. With all microseconds: tarn_zone_text(local, utc), tarn_zoned_full_text(zoned).
#include <duckdb/planner/expression/bound_function_expression.hpp>

#include <string>

#include "engine/functions/registration.h"
#include "engine/functions/row_function.h"
#include "engine/functions/session_formats.h"
#include "engine/functions/timestamp_text.h"
#include "engine/functions/zoned_type.h"

namespace tarn::engine {

namespace {

using duckdb::LogicalType;
using Text = std::optional<std::string>;

constexpr int64_t kMicrosPerMinute = 60'000'000;
constexpr std::string_view kFullModel = "YYYY-MM-DD HH24:MI:SS.FF6 TZHTZM";

struct Model : duckdb::FunctionData {
  explicit Model(std::string text) : text(std::move(text)) {}
  duckdb::unique_ptr<duckdb::FunctionData> Copy() const override {
    return duckdb::make_uniq<Model>(text);
  }
  bool Equals(const duckdb::FunctionData& other) const override {
    return text == other.Cast<Model>().text;
  }
  std::string text;
};

template <std::string TextFormats::* format>
duckdb::unique_ptr<duckdb::FunctionData> BindModel(
    duckdb::ClientContext& context, duckdb::ScalarFunction&,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>&) {
  return duckdb::make_uniq<Model>(SessionFormatsOf(context).*format);
}

/// `write` takes a row and the session's model.
template <Text (*write)(const RowArguments&, std::string_view)>
void RunWithModel(duckdb::DataChunk& chunk, duckdb::ExpressionState& state,
                  duckdb::Vector& result) {
  const auto& model = state.expr.Cast<duckdb::BoundFunctionExpression>().bind_info->Cast<Model>();
  RunRows(chunk, result, [&](const RowArguments& row) { return write(row, model.text); });
}

Text DateText(const RowArguments& row, std::string_view model) {
  constexpr int64_t kMicrosPerDay = 86'400'000'000;
  return FormatMoment(row.Get<duckdb::date_t>(0).days * kMicrosPerDay, model, std::nullopt);
}
Text TimeText(const RowArguments& row, std::string_view model) {
  return FormatMoment(row.Get<duckdb::dtime_t>(0).micros, model, std::nullopt);
}
Text TimestampText(const RowArguments& row, std::string_view model) {
  return FormatMoment(row.Get<duckdb::timestamp_t>(0).value, model, std::nullopt);
}
Text InstantText(const RowArguments& row, std::string_view model) {
  const int64_t local = row.Get<duckdb::timestamp_t>(0).value;
  const int64_t utc = row.Get<duckdb::timestamp_t>(1).value;
  return FormatMoment(local, model, static_cast<int32_t>((local - utc) / kMicrosPerMinute));
}

template <Text (*write)(const RowArguments&, std::string_view), size_t model_argument>
Text WithModel(const RowArguments& row) {
  return write(row, row.Text(model_argument));
}

/// `model_of(row)`: nothing is null.
template <typename ModelOf>
void WriteZonedTexts(duckdb::DataChunk& chunk, duckdb::Vector& result, const ModelOf& model_of) {
  const ZonedColumn zoned(chunk.data[0], chunk.size());
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
    const auto value = zoned.At(row);
    const std::optional<std::string_view> model = model_of(row);
    if (!value || !model) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    WriteResult(
        result, row,
        FormatMoment(value->micros + value->offset * kMicrosPerMinute, *model, value->offset));
  }
  if (chunk.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

void ZonedText(duckdb::DataChunk& chunk, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const auto& model = state.expr.Cast<duckdb::BoundFunctionExpression>().bind_info->Cast<Model>();
  WriteZonedTexts(chunk, result,
                  [&](duckdb::idx_t) -> std::optional<std::string_view> { return model.text; });
}

void ZonedFullText(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  WriteZonedTexts(chunk, result,
                  [&](duckdb::idx_t) -> std::optional<std::string_view> { return kFullModel; });
}

void FormatZoned(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  duckdb::UnifiedVectorFormat models;
  chunk.data[1].ToUnifiedFormat(chunk.size(), models);
  WriteZonedTexts(chunk, result, [&](duckdb::idx_t row) -> std::optional<std::string_view> {
    const duckdb::idx_t index = models.sel->get_index(row);
    if (!models.validity.RowIsValid(index)) return std::nullopt;
    const auto& text = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(models)[index];
    return std::string_view(text.GetData(), text.GetSize());
  });
}

void Add(duckdb::ExtensionLoader& loader, const char* name, duckdb::vector<LogicalType> arguments,
         duckdb::scalar_function_t function, duckdb::bind_scalar_function_t bind = nullptr) {
  duckdb::ScalarFunction entry(name, std::move(arguments), LogicalType::VARCHAR,
                               std::move(function), bind);
  loader.RegisterFunction(entry);
}

}  // namespace

void RegisterMomentOutput(duckdb::ExtensionLoader& loader) {
  const LogicalType text = LogicalType::VARCHAR;
  const LogicalType clock = LogicalType::TIMESTAMP;
  Add(loader, "tarn_date_text", {LogicalType::DATE}, RunWithModel<DateText>,
      BindModel<&TextFormats::date>);
  Add(loader, "tarn_time_text", {LogicalType::TIME}, RunWithModel<TimeText>,
      BindModel<&TextFormats::time>);
  Add(loader, "tarn_timestamp_text", {clock}, RunWithModel<TimestampText>,
      BindModel<&TextFormats::timestamp_ntz>);
  Add(loader, "tarn_instant_text", {clock, clock}, RunWithModel<InstantText>,
      BindModel<&TextFormats::timestamp_ltz>);
  Add(loader, "tarn_zoned_text", {ZonedType()}, ZonedText, BindModel<&TextFormats::timestamp_tz>);
  Add(loader, "tarn_zoned_full_text", {ZonedType()}, ZonedFullText);
  Add(loader, "tarn_format_zoned", {ZonedType(), text}, FormatZoned);
  AddFunction(loader, "tarn_format_timestamp", {clock, text}, text, WithModel<TimestampText, 1>);
  AddFunction(loader, "tarn_format_time", {LogicalType::TIME, text}, text, WithModel<TimeText, 1>);
  AddFunction(loader, "tarn_format_instant", {clock, clock, text}, text, WithModel<InstantText, 2>);
  AddFunction(loader, "tarn_zone_text", {clock, clock}, text,
              [](const RowArguments& row) { return InstantText(row, kFullModel); });
}

}  // namespace tarn::engine
