// SPDX-License-Identifier: Apache-2.0
// Into variants, and what lies in them (variant_text.h says how they are held).
//   tarn_parse_json(text), tarn_parse_json_last (of equal keys the last wins), tarn_try_… of both:
//     null where they fail; null of an empty text. tarn_check_json(text): what is wrong, or null
//   tarn_variant_text(text), tarn_variant_number(digits), tarn_variant_double(d)
//   tarn_get_key(v, key), tarn_get_key_any_case, tarn_get_index(v, i), tarn_get_path(v, path):
//     null where there is nothing, or it is `undefined`
//   tarn_typeof(v), tarn_strip_null(v), tarn_show(v, indent), tarn_plain_json(v),
//   tarn_sort_key(v)
#include <fmt/core.h>

#include <duckdb/execution/expression_executor.hpp>
#include <duckdb/planner/expression/bound_function_expression.hpp>

#include <string>

#include "engine/duckdb_error.h"
#include "engine/functions/registration.h"
#include "engine/functions/row_function.h"
#include "engine/functions/variant_parse.h"
#include "engine/functions/variant_path.h"
#include "engine/functions/variant_text.h"

namespace tarn::engine {

namespace {

using duckdb::LogicalType;
using Text = std::optional<std::string>;

Text Known(std::optional<std::string_view> value) {
  if (!value || KindOf(*value) == VariantKind::kUndefined) return std::nullopt;
  return std::string(*value);
}

template <bool try_only, DuplicateKeys duplicates>
Text Parse(const RowArguments& row) {
  auto value = ParseVariant(row.Text(0), duplicates);
  if (value && value->empty()) return std::nullopt;
  if (value) return *std::move(value);
  if (try_only) return std::nullopt;
  ThrowSqlError("100069", "22P02", "Error parsing JSON: " + value.error().text());
}

struct ConstantPath : duckdb::FunctionData {
  explicit ConstantPath(std::vector<PathStep> steps) : steps(std::move(steps)) {}
  duckdb::unique_ptr<duckdb::FunctionData> Copy() const override {
    return duckdb::make_uniq<ConstantPath>(steps);
  }
  bool Equals(const duckdb::FunctionData&) const override { return false; }
  std::vector<PathStep> steps;
};

std::vector<PathStep> PathOf(std::string_view text) {
  auto steps = ParsePath(text);
  if (steps) return *std::move(steps);
  ThrowSqlError("100074", "22000", "Invalid extraction path '" + std::string(text) + "'");
}

/// A path that is known is read once.
duckdb::unique_ptr<duckdb::FunctionData> BindPath(
    duckdb::ClientContext& context, duckdb::ScalarFunction&,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  if (!arguments[1]->IsFoldable()) return nullptr;
  const duckdb::Value path = duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments[1]);
  if (path.IsNull()) return nullptr;
  return duckdb::make_uniq<ConstantPath>(PathOf(path.GetValue<std::string>()));
}

void GetPath(duckdb::DataChunk& chunk, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const auto& info = state.expr.Cast<duckdb::BoundFunctionExpression>().bind_info;
  RunRows(chunk, result, [&](const RowArguments& row) -> Text {
    if (info) return Known(ValueAt(row.Text(0), info->Cast<ConstantPath>().steps));
    return Known(ValueAt(row.Text(0), PathOf(row.Text(1))));
  });
}

void RegisterParsing(duckdb::ExtensionLoader& loader) {
  using enum DuplicateKeys;
  const LogicalType text = LogicalType::VARCHAR;
  AddFunction(loader, "tarn_parse_json", {text}, text, Parse<false, kRefused>);
  AddFunction(loader, "tarn_parse_json_last", {text}, text, Parse<false, kLastWins>);
  AddFunction(loader, "tarn_try_parse_json", {text}, text, Parse<true, kRefused>);
  AddFunction(loader, "tarn_try_parse_json_last", {text}, text, Parse<true, kLastWins>);
  AddFunction(loader, "tarn_check_json", {text}, text, [](const RowArguments& row) -> Text {
    const auto value = ParseVariant(row.Text(0), kRefused);
    if (value) return std::nullopt;
    return value.error().text();
  });
}

void RegisterAccess(duckdb::ExtensionLoader& loader) {
  const LogicalType text = LogicalType::VARCHAR;
  AddFunction(loader, "tarn_get_key", {text, text}, text, [](const RowArguments& row) -> Text {
    return Known(FieldOf(row.Text(0), row.Text(1)));
  });
  AddFunction(loader, "tarn_get_key_any_case", {text, text}, text,
              [](const RowArguments& row) -> Text {
                return Known(FieldOf(row.Text(0), row.Text(1), true));
              });
  AddFunction(loader, "tarn_get_index", {text, LogicalType::BIGINT}, text,
              [](const RowArguments& row) -> Text {
                return Known(ElementOf(row.Text(0), row.Integer(1)));
              });
  duckdb::ScalarFunction path("tarn_get_path", {text, text}, text, GetPath, BindPath);
  path.SetFallible();
  loader.RegisterFunction(path);
}

}  // namespace

void RegisterVariantFunctions(duckdb::ExtensionLoader& loader) {
  RegisterParsing(loader);
  RegisterAccess(loader);
  const LogicalType text = LogicalType::VARCHAR;
  AddFunction(loader, "tarn_variant_text", {text}, text, [](const RowArguments& row) -> Text {
    std::string quoted;
    AppendQuoted(quoted, row.Text(0));
    return quoted;
  });
  AddFunction(loader, "tarn_variant_number", {text}, text,
              [](const RowArguments& row) -> Text { return NumberText(row.Text(0)); });
  AddFunction(loader, "tarn_variant_double", {LogicalType::DOUBLE}, text,
              [](const RowArguments& row) -> Text { return DoubleVariant(row.Double(0)); });
  AddFunction(loader, "tarn_typeof", {text}, text, [](const RowArguments& row) -> Text {
    return std::string(TypeNameOf(KindOf(row.Text(0))));
  });
  AddFunction(loader, "tarn_strip_null", {text}, text, [](const RowArguments& row) -> Text {
    if (KindOf(row.Text(0)) == VariantKind::kNull) return std::nullopt;
    return std::string(row.Text(0));
  });
  AddFunction(loader, "tarn_show", {text, LogicalType::BIGINT}, text,
              [](const RowArguments& row) -> Text {
                std::string shown = ShownText(row.Text(0), static_cast<int>(row.Integer(1)));
                if (shown.size() > kShownBytesMax) {
                  ThrowSqlError("100082", "22000",
                                fmt::format("Max LOB size ({}) exceeded", kShownBytesMax));
                }
                return shown;
              });
  AddFunction(loader, "tarn_plain_json", {text}, text,
              [](const RowArguments& row) -> Text { return PlainJson(row.Text(0)); });
  AddFunction(loader, "tarn_sort_key", {text}, LogicalType::BLOB,
              [](const RowArguments& row) -> Text { return SortKeyOf(row.Text(0)); });
}

}  // namespace tarn::engine
