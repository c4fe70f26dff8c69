// SPDX-License-Identifier: Apache-2.0
// Files judged by their counts and bounds (spec, "Manifest Entry Fields", "Scan Planning").
#include "iceberg/plan/file_pruning.h"

#include <optional>

#include "iceberg/plan/filter_outcome.h"
#include "iceberg/plan/partition_pruning.h"
#include "iceberg/plan/scan_plan.h"

namespace tarn::iceberg {
namespace {

/// A file without any count of the column may have been written before the column was added, and
/// then has its default in every row: nothing is known.
ColumnRange RangeInFile(const DataFile& file, FieldId field, const Type& type) {
  ColumnRange range;
  range.may_have_nan = type.kind == TypeKind::kFloat || type.kind == TypeKind::kDouble;
  const int64_t* nulls = file.null_value_counts.ValueOf(field);
  const int64_t* nans = file.nan_value_counts.ValueOf(field);
  const int64_t* counted = file.value_counts.ValueOf(field);
  // Nested columns and some writers count otherwise; only one value per row allows conclusions from
  // counts.
  const bool consistent = (counted == nullptr || *counted == file.record_count) &&
                          (nulls == nullptr || (*nulls >= 0 && *nulls <= file.record_count));
  if (consistent && nulls != nullptr) {
    range.may_have_null = *nulls > 0;
    if (*nulls == file.record_count) {
      range.may_have_others = range.may_have_nan = false;
      return range;
    }
  }
  if (range.may_have_nan && nans != nullptr && *nans == 0) range.may_have_nan = false;
  if (consistent && nulls != nullptr && nans != nullptr && range.may_have_nan &&
      *nans == file.record_count - *nulls) {
    range.may_have_others = false;
  }
  range.lower = DecodeBound(type, file.lower_bounds.ValueOf(field));
  range.upper = DecodeBound(type, file.upper_bounds.ValueOf(field));
  return range;
}

Outcome JudgeByMetrics(const DataFile& file, const Schema& schema, const Filter& condition) {
  const Field* column = schema.FindField(condition.field);
  if (column == nullptr || column->type.is_nested() || condition.type.is_nested()) return {};
  const bool same_kind = column->type.kind == condition.type.kind;
  // The filter speaks in the scan's type; if that is not the column's (a promotion in between),
  // both must read the bounds alike, which DecodeSingleValue decides by their width.
  const Type& type = same_kind ? column->type : condition.type;
  if (!same_kind && !IsPromotionAllowed(column->type, condition.type, 2)) return {};
  return EvaluateLeaf(condition, RangeInFile(file, condition.field, type));
}

}  // namespace

bool MayMatch(const DataFile& file, const Schema& schema, const Filter& filter) {
  if (file.record_count == 0) return false;
  const auto leaf = [&](const Filter& condition) {
    return JudgeByMetrics(file, schema, condition);
  };
  return EvaluateFilter(filter, leaf).may_be_true;
}

FileMatch MatchFile(const DataFile& file, const Schema& schema, const PartitionSpec& spec,
                    const Filter& filter) {
  if (file.record_count == 0) return FileMatch::kNone;
  // Condition by condition, so that the partition can prove one part and the bounds another.
  const Outcome outcome = EvaluateFilter(filter, [&](const Filter& condition) {
    return BothHold(JudgeByMetrics(file, schema, condition),
                    JudgeByPartition(file.partition, schema, spec, condition));
  });
  if (!outcome.may_be_true) return FileMatch::kNone;
  return outcome.may_be_false || outcome.may_be_null ? FileMatch::kSome : FileMatch::kAll;
}

}  // namespace tarn::iceberg
