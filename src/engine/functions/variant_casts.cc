// SPDX-License-Identifier: Apache-2.0
// Out of variants: tarn_variant_to_varchar(v), …_decimal(v, precision, scale), …_double, …_boolean,
// …_date, …_time, …_timestamp, …_binary (hexadecimal digits), …_object, …_array; a value that is
// no such thing is error 100071. JSON null is null. tarn_variant_moment(v, type): the text of a
// time, for conversions that need a time zone.
#include <fmt/core.h>

#include <string>

#include "engine/duckdb_error.h"
#include "engine/functions/decimal_binding.h"
#include "engine/functions/decimal_text.h"
#include "engine/functions/registration.h"
#include "engine/functions/row_function.h"
#include "engine/functions/timestamp_text.h"
#include "engine/functions/variant_text.h"

namespace tarn::engine {

namespace {

using duckdb::LogicalType;
using Text = std::optional<std::string>;

constexpr int64_t kMicrosPerDay = 86'400'000'000;

[[noreturn]] void FailCast(std::string_view value, std::string_view type) {
  ThrowSqlError("100071", "22000",
                fmt::format("Failed to cast variant value {} to {}", ShownText(value, 0), type));
}

bool IsMissing(std::string_view value) {
  const VariantKind kind = KindOf(value);
  return kind == VariantKind::kNull || kind == VariantKind::kUndefined;
}

bool IsNumeric(VariantKind kind) {
  return kind == VariantKind::kInteger || kind == VariantKind::kDecimal ||
         kind == VariantKind::kDouble;
}

/// The text that a number is read from; nothing if the value is no scalar of that sort.
std::string NumberSource(std::string_view value, std::string_view type) {
  const VariantKind kind = KindOf(value);
  if (IsNumeric(kind)) return std::string(value);
  if (kind == VariantKind::kText) return UnquotedText(value);
  if (kind == VariantKind::kBoolean) return value == "true" ? "1" : "0";
  FailCast(value, type);
}

Text ToText(const RowArguments& row) {
  const std::string_view value = row.Text(0);
  if (IsMissing(value)) return std::nullopt;
  const VariantKind kind = KindOf(value);
  if (kind == VariantKind::kText) return UnquotedText(value);
  if (kind == VariantKind::kDouble) return DoubleToText(ParseDouble(value).value_or(0));
  const std::string shown = ShownText(value, 0);
  return IsTagged(kind) ? UnquotedText(shown) : shown;
}

std::optional<Int128> ToDecimal(const DecimalType& type, const RowArguments& row) {
  const std::string_view value = row.Text(0);
  if (IsMissing(value)) return std::nullopt;
  const ParsedDecimal parsed =
      ParseDecimal(NumberSource(value, "FIXED"), type.precision, type.scale);
  if (parsed.fault == NumberFault::kNone) return parsed.unscaled;
  FailCast(value, "FIXED");
}

std::optional<double> ToDouble(const RowArguments& row) {
  const std::string_view value = row.Text(0);
  if (IsMissing(value)) return std::nullopt;
  const auto number = ParseDouble(NumberSource(value, "REAL"));
  if (!number) FailCast(value, "REAL");
  return number;
}

std::optional<bool> ToBoolean(const RowArguments& row) {
  const std::string_view value = row.Text(0);
  if (IsMissing(value)) return std::nullopt;
  const VariantKind kind = KindOf(value);
  if (kind == VariantKind::kBoolean) return value == "true";
  if (IsNumeric(kind)) return ParseDouble(value).value_or(0) != 0;
  const auto boolean =
      kind == VariantKind::kText ? ParseBoolean(UnquotedText(value)) : std::optional<bool>();
  if (!boolean) FailCast(value, "BOOLEAN");
  return boolean;
}

/// What a moment is read from: a text, a time, or whole numbers.
std::string MomentSource(std::string_view value, std::string_view type) {
  const VariantKind kind = KindOf(value);
  if (kind == VariantKind::kText || (IsTagged(kind) && kind != VariantKind::kBinary)) {
    return UnquotedText(value);
  }
  if (kind == VariantKind::kInteger) return std::string(value);
  FailCast(value, type);
}

std::optional<int64_t> ToMicros(const RowArguments& row, std::string_view type, bool time) {
  const std::string_view value = row.Text(0);
  if (IsMissing(value)) return std::nullopt;
  const auto moment = ParseMoment(MomentSource(value, type));
  if (!moment || !(time ? moment->has_time : moment->has_date)) FailCast(value, type);
  return moment->micros;
}

int64_t DayOf(int64_t micros) {
  return micros >= 0 ? micros / kMicrosPerDay : -((kMicrosPerDay - 1 - micros) / kMicrosPerDay);
}

void RegisterTimes(duckdb::ExtensionLoader& loader) {
  const LogicalType text = LogicalType::VARCHAR;
  AddFunction(loader, "tarn_variant_to_date", {text}, LogicalType::DATE,
              [](const RowArguments& row) -> std::optional<duckdb::date_t> {
                const auto micros = ToMicros(row, "DATE", false);
                if (!micros) return std::nullopt;
                return duckdb::date_t(static_cast<int32_t>(DayOf(*micros)));
              });
  AddFunction(loader, "tarn_variant_to_time", {text}, LogicalType::TIME,
              [](const RowArguments& row) -> std::optional<duckdb::dtime_t> {
                const auto micros = ToMicros(row, "TIME", true);
                if (!micros) return std::nullopt;
                return duckdb::dtime_t(*micros - DayOf(*micros) * kMicrosPerDay);
              });
  AddFunction(loader, "tarn_variant_to_timestamp", {text}, LogicalType::TIMESTAMP,
              [](const RowArguments& row) -> std::optional<duckdb::timestamp_t> {
                const auto micros = ToMicros(row, "TIMESTAMP_NTZ", false);
                if (!micros) return std::nullopt;
                return duckdb::timestamp_t(*micros);
              });
  AddFunction(loader, "tarn_variant_moment", {text, text}, text,
              [](const RowArguments& row) -> Text {
                if (IsMissing(row.Text(0))) return std::nullopt;
                return MomentSource(row.Text(0), row.Text(1));
              });
}

}  // namespace

void RegisterVariantCasts(duckdb::ExtensionLoader& loader) {
  RegisterTimes(loader);
  const LogicalType text = LogicalType::VARCHAR;
  AddFunction(loader, "tarn_variant_to_varchar", {text}, text, ToText);
  AddFunction(loader, "tarn_variant_to_double", {text}, LogicalType::DOUBLE, ToDouble);
  AddFunction(loader, "tarn_variant_to_boolean", {text}, LogicalType::BOOLEAN, ToBoolean);
  AddDecimalFunction(loader, "tarn_variant_to_decimal", ToDecimal);
  AddFunction(loader, "tarn_variant_to_binary", {text}, text, [](const RowArguments& row) -> Text {
    if (IsMissing(row.Text(0))) return std::nullopt;
    const VariantKind kind = KindOf(row.Text(0));
    if (kind != VariantKind::kText && kind != VariantKind::kBinary) FailCast(row.Text(0), "BINARY");
    return UnquotedText(row.Text(0));
  });
  AddFunction(loader, "tarn_variant_to_object", {text}, text, [](const RowArguments& row) -> Text {
    if (IsMissing(row.Text(0))) return std::nullopt;
    if (KindOf(row.Text(0)) != VariantKind::kObject) FailCast(row.Text(0), "OBJECT");
    return std::string(row.Text(0));
  });
  AddFunction(loader, "tarn_variant_to_array", {text}, text, [](const RowArguments& row) -> Text {
    if (IsMissing(row.Text(0))) return std::nullopt;
    if (KindOf(row.Text(0)) == VariantKind::kArray) return std::string(row.Text(0));
    return ArrayOf({row.Text(0)});
  });
}

}  // namespace tarn::engine
