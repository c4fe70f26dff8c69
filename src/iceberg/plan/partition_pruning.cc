// SPDX-License-Identifier: Apache-2.0
// Filters projected through partition transforms (spec, "Scan Planning": inclusive projection).
#include "iceberg/plan/partition_pruning.h"

#include <functional>
#include <optional>
#include <utility>

#include "iceberg/plan/filter_outcome.h"
#include "iceberg/values/partition_tuple.h"

namespace tarn::iceberg {
namespace {

/// Values of the i-th partition field, of the given type; none if nothing is known.
using RangeOf = std::function<std::optional<ColumnRange>(size_t field, const Type& type)>;

bool IsMonotonic(TransformKind kind) {
  switch (kind) {
    case TransformKind::kIdentity:
    case TransformKind::kTruncate:
    case TransformKind::kYear:
    case TransformKind::kMonth:
    case TransformKind::kDay:
    case TransformKind::kHour:
      return true;
    default:
      return false;
  }
}

/// A condition on the column, weakened to one on its transform: what it is true for, the weaker one
/// is true for. None when nothing follows.
std::optional<Filter> Project(const Filter& condition, FilterOp op, const Transform& transform,
                              const Type& result) {
  const bool equality = op == FilterOp::kEqual || op == FilterOp::kIn;
  if (!equality && !IsMonotonic(transform.kind)) return std::nullopt;
  Filter projected{.op = op, .field = condition.field, .type = result};
  switch (op) {
    case FilterOp::kLess:
      projected.op = FilterOp::kLessOrEqual;
      break;
    case FilterOp::kGreater:
      projected.op = FilterOp::kGreaterOrEqual;
      break;
    case FilterOp::kEqual:
    case FilterOp::kIn:
    case FilterOp::kLessOrEqual:
    case FilterOp::kGreaterOrEqual:
      break;
    default:
      return std::nullopt;  // inequality and prefixes say nothing of the transform
  }
  for (const Value& value : condition.values) {
    auto constant = transform.Apply(condition.type, value);
    if (!constant || !IsOfType(result, *constant)) return std::nullopt;
    projected.values.push_back(*std::move(constant));
  }
  return projected;
}

Outcome EvaluateField(const Filter& condition, const Transform& transform, const Type& result,
                      const ColumnRange& range) {
  if (transform.kind == TransformKind::kIdentity || condition.op == FilterOp::kIsNull ||
      condition.op == FilterOp::kIsNotNull) {
    return EvaluateLeaf(condition, range);
  }
  const auto may = [&](FilterOp op) {
    const std::optional<Filter> projected = Project(condition, op, transform, result);
    return !projected || EvaluateLeaf(*projected, range).may_be_true;
  };
  // Null in, null out, and nothing else gives null.
  return {.may_be_true = may(condition.op),
          .may_be_false = may(Negated(condition.op)),
          .may_be_null = range.may_have_null};
}

Outcome Judge(const Schema& schema, const PartitionSpec& spec, const Filter& condition,
              const RangeOf& range_of) {
  Outcome outcome;
  for (size_t i = 0; i < spec.fields.size(); ++i) {
    const PartitionField& field = spec.fields[i];
    if (field.source_ids != std::vector{condition.field}) continue;
    if (field.transform.kind == TransformKind::kVoid ||
        field.transform.kind == TransformKind::kUnknown) {
      continue;
    }
    const Field* column = schema.FindField(condition.field);
    if (column == nullptr || column->type.kind != condition.type.kind) continue;
    const auto result = field.transform.ResultType(column->type);
    const auto range = result ? range_of(i, *result) : std::nullopt;
    if (!range) continue;
    outcome = BothHold(outcome, EvaluateField(condition, field.transform, *result, *range));
  }
  return outcome;
}

bool MayMatch(const Schema& schema, const PartitionSpec& spec, const Filter& filter,
              const RangeOf& range_of) {
  const auto leaf = [&](const Filter& condition) {
    return Judge(schema, spec, condition, range_of);
  };
  return EvaluateFilter(filter, leaf).may_be_true;
}

/// Of a partition, whose value is known.
std::optional<ColumnRange> RangeOfValue(const Type& type, const Value& value) {
  if (!IsOfType(type, value)) return std::nullopt;
  ColumnRange range;
  range.may_have_null = std::holds_alternative<std::monostate>(value);
  range.may_have_nan = IsNan(value);
  range.may_have_others = !range.may_have_null && !range.may_have_nan;
  if (range.may_have_others) range.lower = range.upper = value;
  range.is_exact = true;
  return range;
}

bool MayBeNan(const Type& type) {
  return type.kind == TypeKind::kFloat || type.kind == TypeKind::kDouble;
}

ColumnRange RangeOfSummary(const Type& type, const FieldSummary& summary) {
  ColumnRange range;
  range.may_have_null = summary.contains_null;
  range.may_have_nan = MayBeNan(type) && summary.contains_nan.value_or(true);
  range.lower = DecodeBound(type, summary.lower_bound ? &*summary.lower_bound : nullptr);
  range.upper = DecodeBound(type, summary.upper_bound ? &*summary.upper_bound : nullptr);
  return range;
}

}  // namespace

bool MayMatchSummaries(const std::vector<FieldSummary>& summaries, const Schema& schema,
                       const PartitionSpec& spec, const Filter& filter) {
  if (summaries.size() != spec.fields.size()) return true;
  return MayMatch(schema, spec, filter, [&](size_t i, const Type& type) {
    return std::optional(RangeOfSummary(type, summaries[i]));
  });
}

bool MayHoldPartition(const std::vector<FieldSummary>& summaries, const Schema& schema,
                      const PartitionSpec& spec, const std::vector<Value>& tuple) {
  if (summaries.size() != spec.fields.size() || tuple.size() != spec.fields.size()) return true;
  const auto types = PartitionTypes(schema, spec);
  if (!types) return true;
  for (size_t i = 0; i < tuple.size(); ++i) {
    if (!IsOfType((*types)[i], tuple[i])) continue;
    const bool is_null = std::holds_alternative<std::monostate>(tuple[i]);
    const Filter same{.op = is_null ? FilterOp::kIsNull : FilterOp::kEqual,
                      .type = (*types)[i],
                      .values = is_null ? std::vector<Value>() : std::vector{tuple[i]}};
    if (!EvaluateLeaf(same, RangeOfSummary((*types)[i], summaries[i])).may_be_true) return false;
  }
  return true;
}

Outcome JudgeByPartition(const std::vector<Value>& tuple, const Schema& schema,
                         const PartitionSpec& spec, const Filter& condition) {
  if (tuple.size() != spec.fields.size()) return {};
  return Judge(schema, spec, condition,
               [&](size_t i, const Type& type) { return RangeOfValue(type, tuple[i]); });
}

bool MayMatchPartition(const std::vector<Value>& tuple, const Schema& schema,
                       const PartitionSpec& spec, const Filter& filter) {
  if (tuple.size() != spec.fields.size()) return true;
  return MayMatch(schema, spec, filter,
                  [&](size_t i, const Type& type) { return RangeOfValue(type, tuple[i]); });
}

}  // namespace tarn::iceberg
