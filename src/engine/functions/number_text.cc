// SPDX-License-Identifier: Apache-2.0
// tarn_to_double(text), tarn_to_boolean(text), tarn_double_text(d), and tarn_try_… of the first
// two, which give null where the others fail. tarn_check_length(text, n): the text, which must not
// be longer than n characters. tarn_to_decimal(text, p, s) and tarn_try_to_decimal are bound here.
#include <string>

#include "engine/duckdb_error.h"
#include "engine/functions/decimal_binding.h"
#include "engine/functions/decimal_text.h"
#include "engine/functions/number_model.h"
#include "engine/functions/registration.h"
#include "engine/functions/row_function.h"

namespace tarn::engine {

namespace {

using duckdb::LogicalType;

template <bool try_only>
std::optional<Int128> ToDecimal(const DecimalType& type, const RowArguments& row) {
  const ParsedDecimal parsed = ParseDecimal(row.Text(0), type.precision, type.scale);
  if (parsed.fault == NumberFault::kNone) return parsed.unscaled;
  if (try_only) return std::nullopt;
  if (parsed.fault == NumberFault::kNotANumber) {
    ThrowSqlError("100038", "22018",
                  fmt::format("Numeric value '{}' is not recognized", row.Text(0)));
  }
  ThrowSqlError("100039", "22003", fmt::format("Numeric value '{}' is out of range", row.Text(0)));
}

int64_t CountCharacters(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; });
}

}  // namespace

void RegisterNumberText(duckdb::ExtensionLoader& loader) {
  AddDecimalFunction(loader, "tarn_to_decimal", ToDecimal<false>);
  AddDecimalFunction(loader, "tarn_try_to_decimal", ToDecimal<true>);
  const LogicalType text = LogicalType::VARCHAR;
  AddFunction(loader, "tarn_try_to_double", {text}, LogicalType::DOUBLE,
              [](const RowArguments& row) { return ParseDouble(row.Text(0)); });
  AddFunction(loader, "tarn_to_double", {text}, LogicalType::DOUBLE, [](const RowArguments& row) {
    const auto value = ParseDouble(row.Text(0));
    if (!value) {
      ThrowSqlError("100038", "22018",
                    fmt::format("Numeric value '{}' is not recognized", row.Text(0)));
    }
    return value;
  });
  AddFunction(loader, "tarn_try_to_boolean", {text}, LogicalType::BOOLEAN,
              [](const RowArguments& row) { return ParseBoolean(row.Text(0)); });
  AddFunction(loader, "tarn_to_boolean", {text}, LogicalType::BOOLEAN, [](const RowArguments& row) {
    const auto value = ParseBoolean(row.Text(0));
    if (!value) {
      ThrowSqlError("100037", "22018",
                    fmt::format("Boolean value '{}' is not recognized", row.Text(0)));
    }
    return value;
  });
  AddFunction(loader, "tarn_double_text", {LogicalType::DOUBLE}, text,
              [](const RowArguments& row) -> std::optional<std::string> {
                return DoubleToText(row.Double(0));
              });
  AddFunction(loader, "tarn_format_number", {text, text}, text,
              [](const RowArguments& row) -> std::optional<std::string> {
                return FormatNumber(row.Text(0), row.Text(1));
              });
  AddFunction(loader, "tarn_try_digits_of_model", {text, text}, text,
              [](const RowArguments& row) { return ReadNumber(row.Text(0), row.Text(1)); });
  AddFunction(loader, "tarn_digits_of_model", {text, text}, text, [](const RowArguments& row) {
    auto number = ReadNumber(row.Text(0), row.Text(1));
    if (!number) {
      ThrowSqlError(
          "100140", "22007",
          fmt::format("Can't parse '{}' as number with format '{}'", row.Text(0), row.Text(1)));
    }
    return number;
  });
  AddFunction(loader, "tarn_check_length", {text, LogicalType::BIGINT}, text,
              [](const RowArguments& row) -> std::optional<std::string> {
                if (CountCharacters(row.Text(0)) > row.Integer(1)) {
                  ThrowSqlError(
                      "100078", "22000",
                      fmt::format("String '{}' is too long and would be truncated", row.Text(0)));
                }
                return std::string(row.Text(0));
              });
}

}  // namespace tarn::engine
