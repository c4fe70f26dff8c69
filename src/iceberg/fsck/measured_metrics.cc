// SPDX-License-Identifier: Apache-2.0
// Counts and bounds of a manifest entry against what the file really holds.
#include <optional>

#include "iceberg/fsck/run.h"
#include "iceberg/plan/filter_outcome.h"
#include "iceberg/values/partition_tuple.h"
#include "iceberg/values/single_value.h"

namespace tarn::iceberg::fsck {
namespace {

using Column = DataFileFacts::Column;

/// A measured value in the table's type, none where there is nothing to compare.
std::optional<Value> InTableType(const Type& type, const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return std::nullopt;
  if (IsOfType(type, value)) return value;
  if (const auto* number = std::get_if<int32_t>(&value); number != nullptr) {
    Value wide = static_cast<int64_t>(*number);
    if (IsOfType(type, wide)) return wide;
  }
  if (const auto* number = std::get_if<float>(&value);
      number != nullptr && type.kind == TypeKind::kDouble) {
    return static_cast<double>(*number);
  }
  return std::nullopt;
}

/// Zeros of both signs are one value to the engines that measure.
bool IsZero(const Value& value) {
  if (const auto* number = std::get_if<float>(&value)) return *number == 0;
  if (const auto* number = std::get_if<double>(&value)) return *number == 0;
  return false;
}

void CheckCounts(Run& run, const DataFile& file, const Column& column, const std::string& place) {
  const auto check = [&](std::string_view code, std::string_view what, const int64_t* stated,
                         int64_t actual) {
    if (stated == nullptr || *stated == actual) return;
    run.Error(code, place, "it has {} {}, its manifest says {}", actual, what, *stated);
  };
  if (column.type.is_nested()) return;
  check("value-count", "values", file.value_counts.ValueOf(column.id), column.value_count);
  check("null-count", "nulls", file.null_value_counts.ValueOf(column.id), column.null_count);
  check("nan-count", "NaNs", file.nan_value_counts.ValueOf(column.id), column.nan_count);
}

void CheckBounds(Run& run, const DataFile& file, const Column& column, const Type& type,
                 const std::string& place) {
  const auto excludes = [&](const std::string* bytes, const Value& measured, int direction) {
    const auto bound = DecodeBound(type, bytes);
    const auto value = InTableType(type, measured);
    if (!bound || !value || (IsZero(*bound) && IsZero(*value))) return false;
    return CompareValues(type, *bound, *value) * direction > 0;
  };
  if (excludes(file.lower_bounds.ValueOf(column.id), column.lower, 1)) {
    run.Error("bound-excludes-value", place, "the file holds a value below the lower bound");
  }
  if (excludes(file.upper_bounds.ValueOf(column.id), column.upper, -1)) {
    run.Error("bound-excludes-value", place, "the file holds a value above the upper bound");
  }
}

void CheckRequired(Run& run, const DataFile& file, const Column& column, const std::string& place) {
  for (const Field& field : run.metadata.current_schema().fields) {
    if (field.id == column.id && field.required && column.null_count > 0) {
      run.Error("required-null", place, "the column is required, but has {} nulls in \"{}\"",
                column.null_count, file.file_path);
    }
  }
}

}  // namespace

void CheckMeasuredMetrics(Run& run, const DataFile& file, const DataFileFacts& facts) {
  for (const Column& column : facts.columns) {
    const Field* field = run.FindField(column.id);
    if (field == nullptr) continue;
    const std::string place =
        fmt::format("{} column \"{}\" field {}", file.file_path, column.path, column.id.value());
    CheckCounts(run, file, column, place);
    CheckRequired(run, file, column, place);
    if (!field->type.is_nested()) CheckBounds(run, file, column, field->type, place);
  }
}

}  // namespace tarn::iceberg::fsck
