// SPDX-License-Identifier: Apache-2.0
// Arrays (variant_text.h). A null element is `undefined` in an array. `v…` is any number of values.
//   tarn_array(v…), tarn_array_known(v…): without the nulls
//   tarn_array_size(a), tarn_array_append(a, v), tarn_array_prepend(a, v), tarn_array_cat(a, b),
//   tarn_array_insert(a, i, v), tarn_array_remove(a, v), tarn_array_remove_at(a, i),
//   tarn_array_slice(a, from, to), tarn_array_reverse(a), tarn_array_compact(a),
//   tarn_array_flatten(a), tarn_array_repeat(v, n), tarn_array_range(start, stop, step)
//   tarn_array_contains(v, a), tarn_array_position(v, a), tarn_arrays_overlap(a, b)
//   tarn_array_distinct(a), tarn_array_intersection(a, b), tarn_array_except(a, b): as multisets
//   tarn_array_sort(a, ascending, nulls_first), tarn_array_min(a), tarn_array_max(a)
//   tarn_array_to_string(a, separator)
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "engine/duckdb_error.h"
#include "engine/functions/registration.h"
#include "engine/functions/row_function.h"
#include "engine/functions/variant_text.h"

namespace tarn::engine {

namespace {

using duckdb::LogicalType;
using Text = std::optional<std::string>;
using Elements = std::vector<std::string_view>;

constexpr std::string_view kUndefined = "undefined";

std::string_view ElementAt(const RowArguments& row, size_t i) {
  return row.IsNull(i) ? kUndefined : row.Text(i);
}

bool IsNone(std::string_view value) {
  const VariantKind kind = KindOf(value);
  return kind == VariantKind::kUndefined || kind == VariantKind::kNull;
}

/// Indexes from the end are negative.
int64_t FromEnd(int64_t index, const Elements& elements) {
  return index < 0 ? index + static_cast<int64_t>(elements.size()) : index;
}

Text Construct(const RowArguments& row, size_t count) {
  Elements elements;
  for (size_t i = 0; i < count; ++i) elements.push_back(ElementAt(row, i));
  return ArrayOf(elements);
}

Text ConstructKnown(const RowArguments& row, size_t count) {
  Elements elements;
  for (size_t i = 0; i < count; ++i) {
    if (!row.IsNull(i)) elements.push_back(row.Text(i));
  }
  return ArrayOf(elements);
}

Text Append(const RowArguments& row) {
  if (row.IsNull(0)) return std::nullopt;
  Elements elements = ElementsOf(row.Text(0));
  elements.push_back(ElementAt(row, 1));
  return ArrayOf(elements);
}

Text Prepend(const RowArguments& row) {
  if (row.IsNull(0)) return std::nullopt;
  Elements elements = ElementsOf(row.Text(0));
  elements.insert(elements.begin(), ElementAt(row, 1));
  return ArrayOf(elements);
}

/// Beyond the ends there are `undefined` elements between.
Text Insert(const RowArguments& row) {
  if (row.IsNull(0) || row.IsNull(1)) return std::nullopt;
  constexpr int64_t kIndexMax = 1'000'000;
  Elements elements = ElementsOf(row.Text(0));
  int64_t index = FromEnd(row.Integer(1), elements);
  if (index < -kIndexMax || index > kIndexMax) {
    ThrowSqlError("100078", "22000", "Array index is out of range");
  }
  if (index < 0) {
    elements.insert(elements.begin(), static_cast<size_t>(-index - 1), kUndefined);
    index = 0;
  }
  if (elements.size() < static_cast<size_t>(index)) {
    elements.resize(static_cast<size_t>(index), kUndefined);
  }
  elements.insert(elements.begin() + index, ElementAt(row, 2));
  return ArrayOf(elements);
}

Text Remove(const RowArguments& row) {
  Elements elements = ElementsOf(row.Text(0));
  const std::string key = SortKeyOf(row.Text(1));
  std::erase_if(elements, [&](std::string_view element) { return SortKeyOf(element) == key; });
  return ArrayOf(elements);
}

Text RemoveAt(const RowArguments& row) {
  Elements elements = ElementsOf(row.Text(0));
  const int64_t index = FromEnd(row.Integer(1), elements);
  if (index >= 0 && index < static_cast<int64_t>(elements.size())) {
    elements.erase(elements.begin() + index);
  }
  return ArrayOf(elements);
}

Text Concatenated(const RowArguments& row) {
  Elements elements = ElementsOf(row.Text(0));
  for (const std::string_view element : ElementsOf(row.Text(1))) elements.push_back(element);
  return ArrayOf(elements);
}

/// From `from` to before `to`.
Text Slice(const RowArguments& row) {
  const Elements elements = ElementsOf(row.Text(0));
  const auto size = static_cast<int64_t>(elements.size());
  const int64_t from = std::clamp<int64_t>(FromEnd(row.Integer(1), elements), 0, size);
  const int64_t to = std::clamp<int64_t>(FromEnd(row.Integer(2), elements), 0, size);
  if (from >= to) return "[]";
  return ArrayOf({elements.begin() + from, elements.begin() + to});
}

Text Reversed(const RowArguments& row) {
  Elements elements = ElementsOf(row.Text(0));
  std::ranges::reverse(elements);
  return ArrayOf(elements);
}

Text Compact(const RowArguments& row) {
  Elements elements = ElementsOf(row.Text(0));
  std::erase_if(elements, IsNone);
  return ArrayOf(elements);
}

/// One level. An element that is no array is an error.
Text Flatten(const RowArguments& row) {
  Elements result;
  for (const std::string_view element : ElementsOf(row.Text(0))) {
    if (KindOf(element) == VariantKind::kUndefined) {
      result.push_back(element);
      continue;
    }
    if (IsNone(element)) return std::nullopt;
    if (KindOf(element) != VariantKind::kArray) {
      ThrowSqlError("100107", "22000",
                    "Not an array: '" + ShownText(element, 0) + "', in function ARRAY_FLATTEN");
    }
    for (const std::string_view inner : ElementsOf(element)) result.push_back(inner);
  }
  return ArrayOf(result);
}

Text Repeat(const RowArguments& row) {
  if (row.IsNull(1)) return std::nullopt;
  constexpr int64_t kCountMax = 10'000'000;
  const auto count = static_cast<size_t>(std::clamp<int64_t>(row.Integer(1), 0, kCountMax));
  return ArrayOf(Elements(count, ElementAt(row, 0)));
}

Text Range(const RowArguments& row) {
  constexpr int64_t kCountMax = 10'000'000;
  const int64_t step = row.Integer(2);
  if (step == 0) ThrowSqlError("100078", "22000", "Step of ARRAY_GENERATE_RANGE is 0");
  std::string out = "[";
  int64_t count = 0;
  for (int64_t value = row.Integer(0);
       step > 0 ? value < row.Integer(1) : value > row.Integer(1);) {
    if (++count > kCountMax) ThrowSqlError("100078", "22000", "Array is too large");
    if (out.size() > 1) out.push_back(',');
    out += std::to_string(value);
    if (__builtin_add_overflow(value, step, &value)) break;
  }
  return out + "]";
}

std::optional<int64_t> PositionOf(std::string_view value, std::string_view array) {
  const std::string key = SortKeyOf(value);
  ArrayElements elements(array);
  int64_t index = 0;
  for (std::string_view element; elements.Next(element); ++index) {
    if (SortKeyOf(element) == key) return index;
  }
  return std::nullopt;
}

/// How often each value is there.
std::map<std::string, int64_t> CountsOf(std::string_view array) {
  std::map<std::string, int64_t> counts;
  for (const std::string_view element : ElementsOf(array)) ++counts[SortKeyOf(element)];
  return counts;
}

Text Distinct(const RowArguments& row) {
  std::map<std::string, int64_t> seen;
  Elements elements = ElementsOf(row.Text(0));
  std::erase_if(elements, [&](std::string_view element) { return ++seen[SortKeyOf(element)] > 1; });
  return ArrayOf(elements);
}

/// Of the first array what the second has too, or has not, each as often as it is there.
template <bool both>
Text Matched(const RowArguments& row) {
  auto counts = CountsOf(row.Text(1));
  Elements elements = ElementsOf(row.Text(0));
  std::erase_if(elements, [&](std::string_view element) {
    const auto found = counts.find(SortKeyOf(element));
    const bool matched = found != counts.end() && found->second-- > 0;
    return matched != both;
  });
  return ArrayOf(elements);
}

std::optional<bool> Overlap(const RowArguments& row) {
  const auto counts = CountsOf(row.Text(0));
  return std::ranges::any_of(ElementsOf(row.Text(1)), [&](std::string_view element) {
    return counts.contains(SortKeyOf(element));
  });
}

Text Sorted(const RowArguments& row) {
  const bool ascending = row.Boolean(1);
  const bool nulls_first = row.Boolean(2);
  std::vector<std::pair<std::string, std::string_view>> keyed;
  Elements missing;
  for (const std::string_view element : ElementsOf(row.Text(0))) {
    if (KindOf(element) == VariantKind::kUndefined) {
      missing.push_back(element);
    } else {
      keyed.emplace_back(SortKeyOf(element), element);
    }
  }
  std::ranges::stable_sort(keyed, [&](const auto& a, const auto& b) {
    return ascending ? a.first < b.first : b.first < a.first;
  });
  Elements result;
  if (nulls_first) result = missing;
  for (const auto& [key, element] : keyed) result.push_back(element);
  if (!nulls_first) result.insert(result.end(), missing.begin(), missing.end());
  return ArrayOf(result);
}

template <bool greatest>
Text Extreme(const RowArguments& row) {
  std::optional<std::pair<std::string, std::string_view>> best;
  for (const std::string_view element : ElementsOf(row.Text(0))) {
    if (IsNone(element)) continue;
    std::string key = SortKeyOf(element);
    if (!best || (greatest ? best->first < key : key < best->first)) {
      best.emplace(std::move(key), element);
    }
  }
  if (!best) return std::nullopt;
  return std::string(best->second);
}

Text Joined(const RowArguments& row) {
  std::string out;
  bool first = true;
  for (const std::string_view element : ElementsOf(row.Text(0))) {
    if (!first) out += row.Text(1);
    first = false;
    if (IsNone(element)) continue;
    const VariantKind kind = KindOf(element);
    out += kind == VariantKind::kText || IsTagged(kind) ? UnquotedText(element)
                                                        : ShownText(element, 0);
  }
  return out;
}

void RegisterSets(duckdb::ExtensionLoader& loader) {
  const LogicalType text = LogicalType::VARCHAR;
  const LogicalType boolean = LogicalType::BOOLEAN;
  AddFunction<true>(loader, "tarn_array_contains", {text, text}, boolean,
                    [](const RowArguments& row) -> std::optional<bool> {
                      if (row.IsNull(1)) return std::nullopt;
                      if (PositionOf(ElementAt(row, 0), row.Text(1))) return true;
                      if (row.IsNull(0)) return std::nullopt;
                      return false;
                    });
  AddFunction<true>(loader, "tarn_array_position", {text, text}, LogicalType::BIGINT,
                    [](const RowArguments& row) -> std::optional<int64_t> {
                      if (row.IsNull(1)) return std::nullopt;
                      return PositionOf(ElementAt(row, 0), row.Text(1));
                    });
  AddFunction(loader, "tarn_arrays_overlap", {text, text}, boolean, Overlap);
  AddFunction(loader, "tarn_array_distinct", {text}, text, Distinct);
  AddFunction(loader, "tarn_array_intersection", {text, text}, text, Matched<true>);
  AddFunction(loader, "tarn_array_except", {text, text}, text, Matched<false>);
  AddFunction(loader, "tarn_array_sort", {text, boolean, boolean}, text, Sorted);
  AddFunction(loader, "tarn_array_min", {text}, text, Extreme<false>);
  AddFunction(loader, "tarn_array_max", {text}, text, Extreme<true>);
}

}  // namespace

void RegisterVariantArrays(duckdb::ExtensionLoader& loader) {
  RegisterSets(loader);
  const LogicalType text = LogicalType::VARCHAR;
  const LogicalType number = LogicalType::BIGINT;
  AddVariadic<true>(loader, "tarn_array", {}, text, text, Construct);
  AddVariadic<true>(loader, "tarn_array_known", {}, text, text, ConstructKnown);
  AddFunction(loader, "tarn_array_size", {text}, number,
              [](const RowArguments& row) -> std::optional<int64_t> {
                if (KindOf(row.Text(0)) != VariantKind::kArray) return std::nullopt;
                return static_cast<int64_t>(ElementsOf(row.Text(0)).size());
              });
  AddFunction<true>(loader, "tarn_array_append", {text, text}, text, Append);
  AddFunction<true>(loader, "tarn_array_prepend", {text, text}, text, Prepend);
  AddFunction<true>(loader, "tarn_array_insert", {text, number, text}, text, Insert);
  AddFunction(loader, "tarn_array_remove", {text, text}, text, Remove);
  AddFunction(loader, "tarn_array_remove_at", {text, number}, text, RemoveAt);
  AddFunction(loader, "tarn_array_cat", {text, text}, text, Concatenated);
  AddFunction(loader, "tarn_array_slice", {text, number, number}, text, Slice);
  AddFunction(loader, "tarn_array_reverse", {text}, text, Reversed);
  AddFunction(loader, "tarn_array_compact", {text}, text, Compact);
  AddFunction(loader, "tarn_array_flatten", {text}, text, Flatten);
  AddFunction<true>(loader, "tarn_array_repeat", {text, number}, text, Repeat);
  AddFunction(loader, "tarn_array_range", {number, number, number}, text, Range);
  AddFunction(loader, "tarn_array_to_string", {text, text}, text, Joined);
}

}  // namespace tarn::engine
