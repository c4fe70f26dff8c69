// SPDX-License-Identifier: Apache-2.0
// Objects (variant_text.h). `v…` is any number of values.
//   tarn_object(key, value, …): without the fields whose key or value is null;
//   tarn_object_keep(key, value, …): a null value is JSON null. An equal key is error 100068.
//   tarn_object_insert(o, key, value, update), tarn_object_delete(o, key…), tarn_object_pick(o,
//   key…): keys are texts or arrays of them as values; tarn_object_keys(o), tarn_object_has(o, key)
//   tarn_arrays_to_object(keys, values), tarn_arrays_zip(a…)
#include <algorithm>
#include <set>
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

[[noreturn]] void FailDuplicate(const std::string& key) {
  ThrowSqlError("100069", "22000", "Duplicate field key '" + key + "'");
}

std::string Unique(std::vector<VariantField> fields) {
  std::ranges::stable_sort(fields, {}, &VariantField::name);
  const auto same = std::ranges::adjacent_find(fields, {}, &VariantField::name);
  if (same != fields.end()) FailDuplicate(same->name);
  return ObjectOf(std::move(fields));
}

template <bool keep>
Text Construct(const RowArguments& row, size_t count) {
  std::vector<VariantField> fields;
  for (size_t i = 0; i + 1 < count; i += 2) {
    if (row.IsNull(i) || (!keep && row.IsNull(i + 1))) continue;
    fields.push_back({std::string(row.Text(i)), row.IsNull(i + 1) ? "null" : row.Text(i + 1)});
  }
  return Unique(std::move(fields));
}

Text Insert(const RowArguments& row) {
  if (row.IsNull(0) || row.IsNull(1)) return std::nullopt;
  std::vector<VariantField> fields = FieldsOf(row.Text(0));
  const std::string key(row.Text(1));
  const bool update = !row.IsNull(3) && row.Boolean(3);
  const auto found = std::ranges::find(fields, key, &VariantField::name);
  if (found != fields.end()) {
    if (!update) FailDuplicate(key);
    fields.erase(found);
  }
  if (!row.IsNull(2)) fields.push_back({key, row.Text(2)});
  return ObjectOf(std::move(fields));
}

/// Of arguments 1 and more: texts, and arrays of texts.
std::set<std::string> KeysOf(const RowArguments& row, size_t count) {
  std::set<std::string> keys;
  for (size_t i = 1; i < count; ++i) {
    if (row.IsNull(i)) continue;
    if (KindOf(row.Text(i)) == VariantKind::kArray) {
      for (const std::string_view key : ElementsOf(row.Text(i))) keys.insert(UnquotedText(key));
    } else {
      keys.insert(UnquotedText(row.Text(i)));
    }
  }
  return keys;
}

template <bool pick>
Text Chosen(const RowArguments& row, size_t count) {
  if (row.IsNull(0)) return std::nullopt;
  const std::set<std::string> keys = KeysOf(row, count);
  std::vector<VariantField> fields = FieldsOf(row.Text(0));
  std::erase_if(fields,
                [&](const VariantField& field) { return keys.contains(field.name) != pick; });
  return ObjectOf(std::move(fields));
}

Text Keys(const RowArguments& row) {
  std::vector<std::string_view> keys;
  ObjectFields fields(row.Text(0));
  for (std::string_view key, value; fields.Next(key, value);) keys.push_back(key);
  return ArrayOf(keys);
}

Text FromArrays(const RowArguments& row) {
  const auto keys = ElementsOf(row.Text(0));
  const auto values = ElementsOf(row.Text(1));
  if (keys.size() != values.size()) {
    ThrowSqlError("100107", "22000",
                  "Key array and value array had unequal lengths in ARRAYS_TO_OBJECT");
  }
  std::vector<VariantField> fields;
  for (size_t i = 0; i < keys.size(); ++i) {
    const VariantKind kind = KindOf(keys[i]);
    if (kind == VariantKind::kUndefined || kind == VariantKind::kNull) continue;
    const bool missing = KindOf(values[i]) == VariantKind::kUndefined;
    fields.push_back({UnquotedText(keys[i]), missing ? "null" : values[i]});
  }
  return Unique(std::move(fields));
}

/// Element i is an object of the elements i of all arrays, as $1, $2, …
Text Zip(const RowArguments& row, size_t count) {
  std::vector<std::vector<std::string_view>> arrays;
  size_t size = 0;
  for (size_t i = 0; i < count; ++i) {
    if (row.IsNull(i)) return std::nullopt;
    arrays.push_back(ElementsOf(row.Text(i)));
    size = std::max(size, arrays.back().size());
  }
  std::string out = "[";
  for (size_t i = 0; i < size; ++i) {
    std::vector<VariantField> fields;
    for (size_t a = 0; a < arrays.size(); ++a) {
      const bool missing = i >= arrays[a].size() || KindOf(arrays[a][i]) == VariantKind::kUndefined;
      fields.push_back({"$" + std::to_string(a + 1), missing ? "null" : arrays[a][i]});
    }
    if (out.size() > 1) out.push_back(',');
    out += ObjectOf(std::move(fields));
  }
  return out + "]";
}

}  // namespace

void RegisterVariantObjects(duckdb::ExtensionLoader& loader) {
  const LogicalType text = LogicalType::VARCHAR;
  AddVariadic<true>(loader, "tarn_object", {}, text, text, Construct<false>);
  AddVariadic<true>(loader, "tarn_object_keep", {}, text, text, Construct<true>);
  AddFunction<true>(loader, "tarn_object_insert", {text, text, text, LogicalType::BOOLEAN}, text,
                    Insert);
  AddVariadic<true>(loader, "tarn_object_delete", {text}, text, text, Chosen<false>);
  AddVariadic<true>(loader, "tarn_object_pick", {text}, text, text, Chosen<true>);
  AddFunction(loader, "tarn_object_keys", {text}, text, Keys);
  AddFunction(loader, "tarn_object_has", {text, text}, LogicalType::BOOLEAN,
              [](const RowArguments& row) -> std::optional<bool> {
                return FieldOf(row.Text(0), row.Text(1)).has_value();
              });
  AddFunction(loader, "tarn_arrays_to_object", {text, text}, text, FromArrays);
  AddVariadic<true>(loader, "tarn_arrays_zip", {}, text, text, Zip);
}

}  // namespace tarn::engine
