// SPDX-License-Identifier: Apache-2.0
// Between DuckDB's lists and arrays and objects (variant_text.h): what aggregates and lambdas use.
//   tarn_array_of(list of values): null elements are `undefined`
//   tarn_array_elements(a): a list; `undefined` is null
//   tarn_object_of(list of keys, list of values): without nulls; an equal key is an error
//   tarn_flatten(v, path, outer, recursive, mode): a list of structs {seq, key, path, index, value,
//     this}, the rows of FLATTEN; `mode` is OBJECT, ARRAY or BOTH. A null value has no rows but the
//     outer one. seq counts the calls of one thread of one query.
#include <algorithm>
#include <atomic>
#include <string>
#include <utility>

#include "engine/duckdb_error.h"
#include "engine/functions/registration.h"
#include "engine/functions/row_function.h"
#include "engine/functions/variant_path.h"
#include "engine/functions/variant_text.h"

namespace tarn::engine {

namespace {

using duckdb::FlatVector;
using duckdb::ListVector;
using duckdb::LogicalType;

/// A column of lists of texts.
class TextLists {
 public:
  TextLists(duckdb::Vector& vector, duckdb::idx_t count) {
    vector.ToUnifiedFormat(count, lists_);
    auto& child = ListVector::GetEntry(vector);
    child.ToUnifiedFormat(ListVector::GetListSize(vector), elements_);
  }
  /// Nothing: the list is null. An element that is null is nothing too.
  std::optional<std::vector<std::optional<std::string_view>>> At(duckdb::idx_t row) const {
    const duckdb::idx_t index = lists_.sel->get_index(row);
    if (!lists_.validity.RowIsValid(index)) return std::nullopt;
    const auto entry = duckdb::UnifiedVectorFormat::GetData<duckdb::list_entry_t>(lists_)[index];
    std::vector<std::optional<std::string_view>> result;
    for (duckdb::idx_t i = entry.offset; i < entry.offset + entry.length; ++i) {
      const duckdb::idx_t element = elements_.sel->get_index(i);
      if (!elements_.validity.RowIsValid(element)) {
        result.emplace_back();
        continue;
      }
      const auto& text = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(elements_)[element];
      result.emplace_back(std::string_view(text.GetData(), text.GetSize()));
    }
    return result;
  }

 private:
  duckdb::UnifiedVectorFormat lists_, elements_;
};

void ArrayOfList(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  const TextLists lists(chunk.data[0], chunk.size());
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
    const auto list = lists.At(row);
    if (!list) {
      FlatVector::SetNull(result, row, true);
      continue;
    }
    std::vector<std::string_view> elements;
    for (const auto& element : *list) elements.push_back(element.value_or("undefined"));
    WriteResult(result, row, ArrayOf(elements));
  }
  if (chunk.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

void ObjectOfLists(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  const TextLists keys(chunk.data[0], chunk.size());
  const TextLists values(chunk.data[1], chunk.size());
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
    const auto names = keys.At(row);
    const auto contents = values.At(row);
    std::vector<VariantField> fields;
    for (size_t i = 0; names && contents && i < std::min(names->size(), contents->size()); ++i) {
      if (!(*names)[i] || !(*contents)[i]) continue;
      fields.push_back({std::string(*(*names)[i]), *(*contents)[i]});
    }
    std::ranges::stable_sort(fields, {}, &VariantField::name);
    const auto same = std::ranges::adjacent_find(fields, {}, &VariantField::name);
    if (same != fields.end()) {
      ThrowSqlError("100104", "22000", "Duplicate field key '" + same->name + "'");
    }
    WriteResult(result, row, ObjectOf(std::move(fields)));
  }
  if (chunk.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

void ElementList(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  duckdb::UnifiedVectorFormat arrays;
  chunk.data[0].ToUnifiedFormat(chunk.size(), arrays);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
    const duckdb::idx_t index = arrays.sel->get_index(row);
    if (!arrays.validity.RowIsValid(index)) {
      FlatVector::SetNull(result, row, true);
      continue;
    }
    const auto& text = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(arrays)[index];
    const duckdb::idx_t offset = ListVector::GetListSize(result);
    ArrayElements elements({text.GetData(), text.GetSize()});
    for (std::string_view element; elements.Next(element);) {
      ListVector::PushBack(result, KindOf(element) == VariantKind::kUndefined
                                       ? duckdb::Value(LogicalType::VARCHAR)
                                       : duckdb::Value(std::string(element)));
    }
    FlatVector::GetData<duckdb::list_entry_t>(result)[row] = {
        offset, ListVector::GetListSize(result) - offset};
  }
  if (chunk.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

// --- FLATTEN -------------------------------------------------------------------------------------

struct FlattenedRow {
  std::optional<std::string> key;
  std::string path;
  std::optional<int64_t> index;
  std::optional<std::string_view> value;
  std::optional<std::string_view> container;
};

struct FlattenRequest {
  bool objects = true;
  bool arrays = true;
  bool recursive = false;
};

void Expand(std::string_view container, const std::string& path, const FlattenRequest& request,
            std::vector<FlattenedRow>& rows) {
  const VariantKind kind = KindOf(container);
  const auto descend = [&](std::string_view value, const std::string& to) {
    if (request.recursive) Expand(value, to, request, rows);
  };
  if (kind == VariantKind::kArray && request.arrays) {
    ArrayElements elements(container);
    int64_t index = 0;
    for (std::string_view element; elements.Next(element); ++index) {
      if (KindOf(element) == VariantKind::kUndefined) continue;
      std::string to = PathToElement(path, index);
      rows.push_back({{}, to, index, element, container});
      descend(element, to);
    }
  } else if (kind == VariantKind::kObject && request.objects) {
    ObjectFields fields(container);
    for (std::string_view key, value; fields.Next(key, value);) {
      std::string name = UnquotedText(key);
      std::string to = PathToField(path, name);
      rows.push_back({std::move(name), to, {}, value, container});
      descend(value, to);
    }
  }
}

LogicalType FlattenedType() {
  return LogicalType::LIST(LogicalType::STRUCT({{"seq", LogicalType::BIGINT},
                                                {"key", LogicalType::VARCHAR},
                                                {"path", LogicalType::VARCHAR},
                                                {"index", LogicalType::BIGINT},
                                                {"value", LogicalType::VARCHAR},
                                                {"this", LogicalType::VARCHAR}}));
}

template <typename T>
duckdb::Value OptionalValue(const std::optional<T>& value, const LogicalType& type) {
  if (!value) return duckdb::Value(type);
  if constexpr (std::is_same_v<T, int64_t>) {
    return duckdb::Value::BIGINT(*value);
  } else {
    return duckdb::Value(std::string(*value));
  }
}

struct FlattenState : duckdb::FunctionLocalState {
  int64_t calls = 0;
};

std::vector<FlattenedRow> FlattenedRows(const RowArguments& row) {
  const std::string_view mode = row.Text(4);
  const FlattenRequest request{
      .objects = mode != "ARRAY", .arrays = mode != "OBJECT", .recursive = row.Boolean(3)};
  std::vector<FlattenedRow> rows;
  const std::string path(row.Text(1));
  std::optional<std::string_view> container;
  if (!row.IsNull(0)) {
    const auto steps = ParsePath(path);
    if (!steps) ThrowSqlError("100074", "22000", "Invalid extraction path '" + path + "'");
    container = ValueAt(row.Text(0), *steps);
  }
  if (container) Expand(*container, path, request, rows);
  if (rows.empty() && row.Boolean(2)) {
    const bool compound =
        container && ((KindOf(*container) == VariantKind::kArray && request.arrays) ||
                      (KindOf(*container) == VariantKind::kObject && request.objects));
    rows.push_back({{}, path, {}, {}, compound ? container : std::nullopt});
  }
  return rows;
}

void Flatten(duckdb::DataChunk& chunk, duckdb::ExpressionState& state, duckdb::Vector& result) {
  std::vector<duckdb::UnifiedVectorFormat> formats(chunk.ColumnCount());
  for (duckdb::idx_t i = 0; i < chunk.ColumnCount(); ++i) {
    chunk.data[i].ToUnifiedFormat(chunk.size(), formats[i]);
  }
  auto& calls = duckdb::ExecuteFunctionState::GetFunctionState(state)->Cast<FlattenState>().calls;
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  const LogicalType text = LogicalType::VARCHAR;
  for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
    const RowArguments arguments(formats, row);
    const duckdb::idx_t offset = ListVector::GetListSize(result);
    ++calls;
    for (const FlattenedRow& one : FlattenedRows(arguments)) {
      ListVector::PushBack(
          result, duckdb::Value::STRUCT({{"seq", duckdb::Value::BIGINT(calls)},
                                         {"key", OptionalValue(one.key, text)},
                                         {"path", duckdb::Value(one.path)},
                                         {"index", OptionalValue(one.index, LogicalType::BIGINT)},
                                         {"value", OptionalValue(one.value, text)},
                                         {"this", OptionalValue(one.container, text)}}));
    }
    FlatVector::GetData<duckdb::list_entry_t>(result)[row] = {
        offset, ListVector::GetListSize(result) - offset};
  }
  if (chunk.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

duckdb::unique_ptr<duckdb::FunctionLocalState> StartFlatten(duckdb::ExpressionState&,
                                                            const duckdb::BoundFunctionExpression&,
                                                            duckdb::FunctionData*) {
  return duckdb::make_uniq<FlattenState>();
}

}  // namespace

void RegisterVariantLists(duckdb::ExtensionLoader& loader) {
  const LogicalType text = LogicalType::VARCHAR;
  const LogicalType list = LogicalType::LIST(text);
  duckdb::ScalarFunction array("tarn_array_of", {list}, text, ArrayOfList);
  loader.RegisterFunction(array);
  duckdb::ScalarFunction object("tarn_object_of", {list, list}, text, ObjectOfLists);
  object.SetFallible();
  object.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  loader.RegisterFunction(object);
  duckdb::ScalarFunction elements("tarn_array_elements", {text}, list, ElementList);
  loader.RegisterFunction(elements);
  duckdb::ScalarFunction flatten("tarn_flatten",
                                 {text, text, LogicalType::BOOLEAN, LogicalType::BOOLEAN, text},
                                 FlattenedType(), Flatten);
  flatten.SetInitStateCallback(StartFlatten);
  flatten.SetFallible();
  flatten.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  loader.RegisterFunction(flatten);
}

}  // namespace tarn::engine
