// SPDX-License-Identifier: Apache-2.0
#include "iceberg/plan/filter_outcome.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "iceberg/values/partition_tuple.h"
#include "iceberg/values/single_value.h"

namespace tarn::iceberg {
namespace {

/// Filters hold -0.0 and 0.0 for equal, bounds order them.
Value WithoutNegativeZero(Value value) {
  if (auto* number = std::get_if<float>(&value); number != nullptr && *number == 0) *number = 0;
  if (auto* number = std::get_if<double>(&value); number != nullptr && *number == 0) *number = 0;
  return value;
}

int Compare(const Type& type, const Value& a, const Value& b) {
  return CompareValues(type, WithoutNegativeZero(a), WithoutNegativeZero(b));
}

bool IsVariableWidth(const Type& type) {
  return type.kind == TypeKind::kString || type.kind == TypeKind::kBinary ||
         type.kind == TypeKind::kFixed;
}

/// Whether `op` holds for a value that compares to the constant as `order` says.
bool Holds(FilterOp op, int order) {
  switch (op) {
    case FilterOp::kEqual:
      return order == 0;
    case FilterOp::kNotEqual:
      return order != 0;
    case FilterOp::kLess:
      return order < 0;
    case FilterOp::kLessOrEqual:
      return order <= 0;
    case FilterOp::kGreater:
      return order > 0;
    default:
      return order >= 0;
  }
}

/// Whether some value within the bounds may satisfy `value op constant`.
bool MayHoldWithin(FilterOp op, const Type& type, const Value& constant, const ColumnRange& range) {
  if (IsNan(constant)) return Holds(op, -1);  // greater than every value that is not NaN
  const auto order = [&](const std::optional<Value>& bound) {
    return bound ? std::optional(Compare(type, *bound, constant)) : std::nullopt;
  };
  const std::optional<int> lower = order(range.lower);
  const std::optional<int> upper = order(range.upper);
  switch (op) {
    case FilterOp::kLess:
      return !lower || *lower < 0;
    case FilterOp::kLessOrEqual:
      return !lower || *lower <= 0;
    case FilterOp::kGreater:
      return !upper || *upper > 0;
    case FilterOp::kGreaterOrEqual:
      return !upper || *upper >= 0;
    case FilterOp::kEqual:
      return (!lower || *lower <= 0) && (!upper || *upper >= 0);
    default:
      // Bounds of strings are often truncated, and not always rounded up: equal ones prove nothing.
      return (IsVariableWidth(type) && !range.is_exact) || !(lower == 0 && upper == 0);
  }
}

bool MayHold(FilterOp op, const Type& type, const Value& constant, const ColumnRange& range) {
  if (range.may_have_nan && Holds(op, IsNan(constant) ? 0 : 1)) return true;
  return range.may_have_others && MayHoldWithin(op, type, constant, range);
}

Outcome EvaluateIn(const Filter& leaf, const ColumnRange& range) {
  const auto may = [&](FilterOp op) {
    return [&range, &leaf, op](const Value& value) { return MayHold(op, leaf.type, value, range); };
  };
  return {.may_be_true = std::ranges::any_of(leaf.values, may(FilterOp::kEqual)),
          .may_be_false = std::ranges::all_of(leaf.values, may(FilterOp::kNotEqual)),
          .may_be_null = range.may_have_null};
}

Outcome EvaluateStartsWith(const Filter& leaf, const ColumnRange& range) {
  if (!range.may_have_others) {
    return {.may_be_true = false, .may_be_false = false, .may_be_null = range.may_have_null};
  }
  const std::string_view prefix = std::get<std::string>(leaf.values[0]);
  const auto text = [](const std::optional<Value>& bound) -> std::string_view {
    return std::get<std::string>(*bound);
  };
  const bool below = range.upper && text(range.upper) < prefix;
  const bool above = range.lower && text(range.lower).substr(0, prefix.size()) > prefix;
  const bool all = range.is_exact && range.lower && range.upper &&
                   text(range.lower).starts_with(prefix) && text(range.upper).starts_with(prefix);
  return {
      .may_be_true = !below && !above, .may_be_false = !all, .may_be_null = range.may_have_null};
}

bool HasUsableConstants(const Filter& leaf) {
  const bool needs_one = leaf.op != FilterOp::kIn;
  if (needs_one && leaf.values.size() != 1) return false;
  return std::ranges::all_of(leaf.values, [&](const Value& value) {
    return !std::holds_alternative<std::monostate>(value) && IsOfType(leaf.type, value);
  });
}

}  // namespace

FilterOp Negated(FilterOp op) {
  switch (op) {
    case FilterOp::kLess:
      return FilterOp::kGreaterOrEqual;
    case FilterOp::kLessOrEqual:
      return FilterOp::kGreater;
    case FilterOp::kGreater:
      return FilterOp::kLessOrEqual;
    case FilterOp::kGreaterOrEqual:
      return FilterOp::kLess;
    case FilterOp::kNotEqual:
      return FilterOp::kEqual;
    default:
      return FilterOp::kNotEqual;
  }
}

bool IsNan(const Value& value) {
  if (const auto* number = std::get_if<float>(&value)) return std::isnan(*number);
  if (const auto* number = std::get_if<double>(&value)) return std::isnan(*number);
  return false;
}

std::optional<Value> DecodeBound(const Type& type, const std::string* bytes) {
  if (bytes == nullptr) return std::nullopt;
  auto value = DecodeSingleValue(type, *bytes);
  if (!value || IsNan(*value) || std::holds_alternative<std::monostate>(*value) ||
      !IsOfType(type, *value)) {
    return std::nullopt;
  }
  return *std::move(value);
}

Outcome EvaluateLeaf(const Filter& leaf, const ColumnRange& range) {
  const bool may_have_values = range.may_have_others || range.may_have_nan;
  switch (leaf.op) {
    case FilterOp::kIsNull:
      return {.may_be_true = range.may_have_null,
              .may_be_false = may_have_values,
              .may_be_null = false};
    case FilterOp::kIsNotNull:
      return {.may_be_true = may_have_values,
              .may_be_false = range.may_have_null,
              .may_be_null = false};
    default:
      break;
  }
  if (!HasUsableConstants(leaf)) return {};
  switch (leaf.op) {
    case FilterOp::kIn:
      return EvaluateIn(leaf, range);
    case FilterOp::kStartsWith:
      return leaf.type.kind == TypeKind::kString ? EvaluateStartsWith(leaf, range) : Outcome{};
    case FilterOp::kEqual:
    case FilterOp::kNotEqual:
    case FilterOp::kLess:
    case FilterOp::kLessOrEqual:
    case FilterOp::kGreater:
    case FilterOp::kGreaterOrEqual:
      return {.may_be_true = MayHold(leaf.op, leaf.type, leaf.values[0], range),
              .may_be_false = MayHold(Negated(leaf.op), leaf.type, leaf.values[0], range),
              .may_be_null = range.may_have_null};
    default:
      return {};
  }
}

Outcome EvaluateFilter(const Filter& filter, const std::function<Outcome(const Filter&)>& leaf) {
  switch (filter.op) {
    case FilterOp::kAnd: {
      Outcome all{.may_be_true = true, .may_be_false = false, .may_be_null = false};
      for (const Filter& child : filter.children) {
        const Outcome one = EvaluateFilter(child, leaf);
        all.may_be_true = all.may_be_true && one.may_be_true;
        all.may_be_false = all.may_be_false || one.may_be_false;
        all.may_be_null = all.may_be_null || one.may_be_null;
      }
      return all;
    }
    case FilterOp::kOr: {
      Outcome any{.may_be_true = false, .may_be_false = true, .may_be_null = false};
      bool always_true = false;
      for (const Filter& child : filter.children) {
        const Outcome one = EvaluateFilter(child, leaf);
        any.may_be_true = any.may_be_true || one.may_be_true;
        any.may_be_false = any.may_be_false && one.may_be_false;
        any.may_be_null = any.may_be_null || one.may_be_null;
        always_true = always_true || (!one.may_be_false && !one.may_be_null);
      }
      any.may_be_null = any.may_be_null && !always_true;
      return any;
    }
    case FilterOp::kNot: {
      if (filter.children.size() != 1) return {};
      const Outcome one = EvaluateFilter(filter.children[0], leaf);
      return {.may_be_true = one.may_be_false,
              .may_be_false = one.may_be_true,
              .may_be_null = one.may_be_null};
    }
    default:
      return leaf(filter);
  }
}

}  // namespace tarn::iceberg
