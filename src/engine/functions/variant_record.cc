// SPDX-License-Identifier: Apache-2.0
// tarn_variant_of(value, binary_as_text): a value of any type as a variant (variant_text.h), so
// that a record of a file is one. Structs are objects without their nulls; lists, with them, are
// arrays; maps are objects where their keys are texts, else arrays of objects {key, value}. Bytes
// that nothing says more of are text where they are UTF-8 and the second argument is true.
#include <fmt/core.h>

#include <string>
#include <utility>

#include "engine/functions/registration.h"
#include "engine/functions/row_function.h"
#include "engine/functions/timestamp_text.h"
#include "engine/functions/variant_text.h"

namespace tarn::engine {

namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

constexpr std::string_view kInstantModel = "YYYY-MM-DD HH24:MI:SS.FF6 TZHTZM";

std::string VariantOf(const duckdb::Value& value, bool binary_as_text);

std::string Quoted(std::string_view text) {
  std::string quoted;
  AppendQuoted(quoted, text);
  return quoted;
}

std::string Tagged(char tag, std::string_view text) { return fmt::format("@{}\"{}\"", tag, text); }

std::string OfBytes(const duckdb::Value& value, bool binary_as_text) {
  const std::string& bytes = duckdb::StringValue::Get(value);
  if (binary_as_text && duckdb::Value::StringIsValid(bytes)) return Quoted(bytes);
  std::string digits;
  for (const char byte : bytes) digits += fmt::format("{:02X}", static_cast<uint8_t>(byte));
  return Tagged('B', digits);
}

std::string OfInstant(const duckdb::Value& value) {
  const auto micros = value.GetValueUnsafe<duckdb::timestamp_t>().value;
  return Tagged('L', FormatMoment(micros, kInstantModel, 0));
}

std::string OfList(const duckdb::vector<duckdb::Value>& elements, bool binary_as_text) {
  std::string array = "[";
  for (const duckdb::Value& element : elements) {
    if (array.size() > 1) array.push_back(',');
    array += element.IsNull() ? std::string("null") : VariantOf(element, binary_as_text);
  }
  return array + "]";
}

std::string ObjectOfTexts(const std::vector<std::pair<std::string, std::string>>& members) {
  std::vector<VariantField> fields;
  for (const auto& [name, text] : members) fields.push_back({name, text});
  return ObjectOf(std::move(fields));
}

std::string OfStruct(const duckdb::Value& value, bool binary_as_text) {
  const auto& names = duckdb::StructType::GetChildTypes(value.type());
  const auto& children = duckdb::StructValue::GetChildren(value);
  std::vector<std::pair<std::string, std::string>> members;
  for (size_t i = 0; i < children.size(); ++i) {
    if (children[i].IsNull()) continue;
    members.emplace_back(names[i].first, VariantOf(children[i], binary_as_text));
  }
  return ObjectOfTexts(members);
}

std::string OfMap(const duckdb::Value& value, bool binary_as_text) {
  const auto& entries = duckdb::MapValue::GetChildren(value);
  if (duckdb::MapType::KeyType(value.type()).id() != LogicalTypeId::VARCHAR) {
    return OfList(entries, binary_as_text);
  }
  std::vector<std::pair<std::string, std::string>> members;
  for (const duckdb::Value& entry : entries) {
    const auto& pair = duckdb::StructValue::GetChildren(entry);
    if (pair[1].IsNull()) continue;
    members.emplace_back(duckdb::StringValue::Get(pair[0]), VariantOf(pair[1], binary_as_text));
  }
  return ObjectOfTexts(members);
}

std::string OfScalar(const duckdb::Value& value, bool binary_as_text) {
  switch (value.type().id()) {
    case LogicalTypeId::BOOLEAN:
      return value.GetValueUnsafe<bool>() ? "true" : "false";
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::HUGEINT:
    case LogicalTypeId::UTINYINT:
    case LogicalTypeId::USMALLINT:
    case LogicalTypeId::UINTEGER:
    case LogicalTypeId::UBIGINT:
      return value.ToString();
    case LogicalTypeId::DECIMAL:
      return NumberText(value.ToString());
    case LogicalTypeId::FLOAT:
      return DoubleVariant(static_cast<double>(value.GetValueUnsafe<float>()));
    case LogicalTypeId::DOUBLE:
      return DoubleVariant(value.GetValueUnsafe<double>());
    case LogicalTypeId::BLOB:
      return OfBytes(value, binary_as_text);
    case LogicalTypeId::DATE:
      return Tagged('D', value.ToString());
    case LogicalTypeId::TIME:
      return Tagged('T', value.ToString());
    case LogicalTypeId::TIMESTAMP:
      return Tagged('N', value.ToString());
    case LogicalTypeId::TIMESTAMP_SEC:
    case LogicalTypeId::TIMESTAMP_MS:
    case LogicalTypeId::TIMESTAMP_NS:
      return Tagged('N', value.DefaultCastAs(LogicalType::TIMESTAMP).ToString());
    case LogicalTypeId::TIMESTAMP_TZ:
      return OfInstant(value);
    default:
      return Quoted(value.ToString());
  }
}

/// REQUIRES: it is not null.
std::string VariantOf(const duckdb::Value& value, bool binary_as_text) {
  switch (value.type().id()) {
    case LogicalTypeId::STRUCT:
      return OfStruct(value, binary_as_text);
    case LogicalTypeId::LIST:
      return OfList(duckdb::ListValue::GetChildren(value), binary_as_text);
    case LogicalTypeId::ARRAY:
      return OfList(duckdb::ArrayValue::GetChildren(value), binary_as_text);
    case LogicalTypeId::MAP:
      return OfMap(value, binary_as_text);
    default:
      return OfScalar(value, binary_as_text);
  }
}

void Run(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
    const duckdb::Value value = chunk.data[0].GetValue(row);
    if (value.IsNull()) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    const duckdb::Value as_text = chunk.data[1].GetValue(row);
    WriteResult(result, row, VariantOf(value, !as_text.IsNull() && as_text.GetValue<bool>()));
  }
  if (chunk.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

}  // namespace

void RegisterVariantRecords(duckdb::ExtensionLoader& loader) {
  duckdb::ScalarFunction entry("tarn_variant_of", {LogicalType::ANY, LogicalType::BOOLEAN},
                               LogicalType::VARCHAR, Run);
  entry.SetFallible();
  loader.RegisterFunction(entry);
}

}  // namespace tarn::engine
