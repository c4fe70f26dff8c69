// SPDX-License-Identifier: Apache-2.0
// Counts and bounds of an entry by themselves: known fields, possible numbers, bounds that can be
// read.
#include <set>

#include "iceberg/fsck/run.h"
#include "iceberg/plan/filter_outcome.h"
#include "iceberg/values/single_value.h"

namespace tarn::iceberg::fsck {
namespace {

std::set<FieldId> MeasuredFields(const DataFile& file) {
  std::set<FieldId> fields;
  const auto collect = [&](const auto& map) {
    for (const auto& [field, value] : map) fields.insert(field);
  };
  collect(file.column_sizes_bytes);
  collect(file.value_counts);
  collect(file.null_value_counts);
  collect(file.nan_value_counts);
  collect(file.lower_bounds);
  collect(file.upper_bounds);
  return fields;
}

void CheckCounts(Run& run, const DataFile& file, FieldId id, const std::string& place) {
  const int64_t* values = file.value_counts.ValueOf(id);
  const int64_t* nulls = file.null_value_counts.ValueOf(id);
  const int64_t* nans = file.nan_value_counts.ValueOf(id);
  const int64_t* bytes = file.column_sizes_bytes.ValueOf(id);
  for (const int64_t* count : {values, nulls, nans, bytes}) {
    if (count != nullptr && *count < 0) {
      run.Error("metric-negative", place, "a count of the column is {}", *count);
      return;
    }
  }
  const int64_t null_count = nulls != nullptr ? *nulls : 0;
  const int64_t nan_count = nans != nullptr ? *nans : 0;
  if (values != nullptr && (null_count > *values || nan_count > *values - null_count)) {
    run.Error("metric-count", place, "{} nulls and {} NaNs among {} values", null_count, nan_count,
              *values);
  }
  const Schema& schema = run.metadata.current_schema();
  bool top_level = false;
  for (const Field& field : schema.fields) {
    top_level = top_level || (field.id == id && !field.type.is_nested());
  }
  if (top_level && values != nullptr && *values != file.record_count) {
    run.Error("value-count", place, "{} values in {} records", *values, file.record_count);
  }
}

void CheckBound(Run& run, const Type& type, const std::string* bytes, const std::string& place) {
  if (bytes == nullptr) return;
  const auto value = DecodeSingleValue(type, *bytes);
  if (!value) {
    run.Error("bound-malformed", place, "{}", value.error().message);
  } else if (IsNan(*value)) {
    run.Error("bound-nan", place, "a bound is NaN");
  }
}

void CheckBounds(Run& run, const DataFile& file, const Field& field, const std::string& place) {
  const std::string* lower = file.lower_bounds.ValueOf(field.id);
  const std::string* upper = file.upper_bounds.ValueOf(field.id);
  if (lower == nullptr && upper == nullptr) return;
  if (field.type.is_nested()) {
    run.Error("bound-of-nested", place, "a column of nested type has a bound");
    return;
  }
  if (field.type.kind >= TypeKind::kUnknown && field.type.kind != TypeKind::kTimestampNs &&
      field.type.kind != TypeKind::kTimestampTzNs) {
    return;  // variants and shapes have bounds of their own form
  }
  CheckBound(run, field.type, lower, place);
  CheckBound(run, field.type, upper, place);
  const auto low = DecodeBound(field.type, lower);
  const auto high = DecodeBound(field.type, upper);
  if (low && high && CompareValues(field.type, *low, *high) > 0) {
    run.Error("bound-order", place, "the lower bound is above the upper one");
  }
}

}  // namespace

void CheckMetrics(Run& run, const DataFile& file, const std::string& place) {
  for (const FieldId id : MeasuredFields(file)) {
    const std::string where = fmt::format("{} field {}", place, id.value());
    CheckCounts(run, file, id, where);
    if (const Field* field = run.FindField(id)) {
      CheckBounds(run, file, *field, where);
    } else if (id > run.metadata.last_column_id || id.value() < 1) {
      run.Error("metric-unknown-field", where, "no column of the table ever had this id");
    } else {
      run.Note("metric-dropped-field", where, "no schema of the table has this column any more");
    }
  }
}

}  // namespace tarn::iceberg::fsck
