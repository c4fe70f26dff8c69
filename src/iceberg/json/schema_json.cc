// SPDX-License-Identifier: Apache-2.0
#include "iceberg/json/schema_json.h"

#include <array>

#include "iceberg/json/metadata_fields.h"
#include "iceberg/json/unknown_members.h"
#include "iceberg/model/schema_tree.h"

namespace tarn::iceberg {
namespace {

constexpr std::array kFieldMembers = {field::kId,  field::kName,           field::kRequired,
                                      field::kDoc, field::kInitialDefault, field::kWriteDefault,
                                      field::kType};
constexpr std::array kSchemaMembers = {field::kType, field::kSchemaId, field::kIdentifierFieldIds,
                                       field::kFields};

using UnknownByField = std::map<FieldId, std::string>;

Result<Type> ParseType(const Json& value, const std::string& place, UnknownByField& unknown);

Result<Field> ParseStructField(const Json& value, const std::string& place,
                               UnknownByField& unknown) {
  TARN_ASSIGN(const JsonMembers members, JsonMembers::Of(value, place));
  Field field;
  TARN_ASSIGN(const int32_t id, members.Int32(field::kId));
  field.id = FieldId(id);
  TARN_ASSIGN(field.name, members.String(field::kName));
  TARN_ASSIGN(field.required, members.Bool(field::kRequired));
  TARN_ASSIGN(field.doc, members.OptionalString(field::kDoc));
  const Json* type = members.Find(field::kType);
  if (type == nullptr) return members.Missing(field::kType);
  TARN_ASSIGN(field.type, ParseType(*type, members.PlaceOf(field::kType), unknown));
  if (const Json* value_json = members.Find(field::kInitialDefault)) {
    field.initial_default = DumpJson(*value_json);
  }
  if (const Json* value_json = members.Find(field::kWriteDefault)) {
    field.write_default = DumpJson(*value_json);
  }
  if (std::string text = UnknownMembers(value, kFieldMembers); !text.empty()) {
    unknown.emplace(field.id, std::move(text));
  }
  return field;
}

Result<std::vector<Field>> ParseFields(const JsonMembers& members, UnknownByField& unknown) {
  TARN_ASSIGN(const Json* array, members.Array(field::kFields));
  std::vector<Field> fields;
  fields.reserve(array->size());
  for (size_t i = 0; i < array->size(); ++i) {
    TARN_ASSIGN(Field field,
                ParseStructField((*array)[i], members.PlaceOf(field::kFields, i), unknown));
    fields.push_back(std::move(field));
  }
  return fields;
}

/// The element of a list, the key or value of a map: id, optionality and type stand in the parent.
Result<Field> ParsePart(const JsonMembers& members, std::string_view name, std::string_view id_name,
                        std::string_view required_name, UnknownByField& unknown) {
  Field field;
  field.name = name;
  TARN_ASSIGN(const int32_t id, members.Int32(id_name));
  field.id = FieldId(id);
  field.required = true;
  if (!required_name.empty()) {
    TARN_ASSIGN(field.required, members.Bool(required_name));
  }
  const Json* type = members.Find(name);
  if (type == nullptr) return members.Missing(name);
  TARN_ASSIGN(field.type, ParseType(*type, members.PlaceOf(name), unknown));
  return field;
}

Result<Type> ParseNestedType(const JsonMembers& members, UnknownByField& unknown) {
  TARN_ASSIGN(const std::string name, members.String(field::kType));
  Type type;
  if (name == field::kStruct) {
    type.kind = TypeKind::kStruct;
    TARN_ASSIGN(type.children, ParseFields(members, unknown));
    return type;
  }
  if (name == field::kList) {
    type.kind = TypeKind::kList;
    TARN_ASSIGN(Field element, ParsePart(members, field::kElement, field::kElementId,
                                         field::kElementRequired, unknown));
    type.children.push_back(std::move(element));
    return type;
  }
  if (name == field::kMap) {
    type.kind = TypeKind::kMap;
    TARN_ASSIGN(Field key, ParsePart(members, field::kKey, field::kKeyId, {}, unknown));
    TARN_ASSIGN(Field value,
                ParsePart(members, field::kValue, field::kValueId, field::kValueRequired, unknown));
    type.children.push_back(std::move(key));
    type.children.push_back(std::move(value));
    return type;
  }
  return members.Malformed(field::kType, "struct, list or map");
}

Result<Type> ParseType(const Json& value, const std::string& place, UnknownByField& unknown) {
  if (value.is_string()) {
    Result<Type> type = ParsePrimitiveType(value.get_ref<const std::string&>());
    if (type) return type;
    return Fail(ErrorKind::kCorruption, "member \"{}\": {}", place, type.error().message);
  }
  TARN_ASSIGN(const JsonMembers members, JsonMembers::Of(value, place));
  return ParseNestedType(members, unknown);
}

void WriteType(const Type& type, const UnknownByField& unknown, JsonText& out);

void WriteFields(const std::vector<Field>& fields, const UnknownByField& unknown, JsonText& out) {
  out.Key(field::kFields);
  out.BeginArray();
  for (const Field& field : fields) {
    out.BeginObject();
    out.Member(field::kId, field.id.value());
    out.Member(field::kName, field.name);
    out.Key(field::kRequired);
    out.Bool(field.required);
    out.Key(field::kType);
    WriteType(field.type, unknown, out);
    if (field.doc) out.Member(field::kDoc, *field.doc);
    if (field.initial_default) {
      out.Key(field::kInitialDefault);
      out.Raw(*field.initial_default);
    }
    if (field.write_default) {
      out.Key(field::kWriteDefault);
      out.Raw(*field.write_default);
    }
    if (const auto members = unknown.find(field.id); members != unknown.end()) {
      WriteUnknownMembers(members->second, out);
    }
    out.EndObject();
  }
  out.EndArray();
}

void WritePart(const Field& field, std::string_view name, std::string_view id_name,
               std::string_view required_name, const UnknownByField& unknown, JsonText& out) {
  out.Member(id_name, field.id.value());
  out.Key(name);
  WriteType(field.type, unknown, out);
  if (required_name.empty()) return;
  out.Key(required_name);
  out.Bool(field.required);
}

void WriteType(const Type& type, const UnknownByField& unknown, JsonText& out) {
  if (!type.is_nested()) {
    out.String(PrimitiveTypeName(type));
    return;
  }
  out.BeginObject();
  if (type.kind == TypeKind::kStruct) {
    out.Member(field::kType, field::kStruct);
    WriteFields(type.children, unknown, out);
  } else if (type.kind == TypeKind::kList) {
    out.Member(field::kType, field::kList);
    WritePart(type.children.at(0), field::kElement, field::kElementId, field::kElementRequired,
              unknown, out);
  } else {
    out.Member(field::kType, field::kMap);
    WritePart(type.children.at(0), field::kKey, field::kKeyId, {}, unknown, out);
    WritePart(type.children.at(1), field::kValue, field::kValueId, field::kValueRequired, unknown,
              out);
  }
  out.EndObject();
}

}  // namespace

Result<Schema> ParseSchemaTree(const Json& value, const std::string& place) {
  TARN_ASSIGN(const JsonMembers members, JsonMembers::Of(value, place));
  TARN_ASSIGN(const std::string type, members.String(field::kType));
  if (type != field::kStruct) return members.Malformed(field::kType, "struct");
  Schema schema;
  TARN_ASSIGN(const std::optional<int32_t> id, members.OptionalInt32(field::kSchemaId));
  schema.id = SchemaId(id.value_or(0));
  TARN_ASSIGN(schema.fields, ParseFields(members, schema.unknown_field_members));
  TARN_ASSIGN(schema.identifier_field_ids, members.Ids<FieldId>(field::kIdentifierFieldIds));
  schema.unknown_members_json = UnknownMembers(value, kSchemaMembers);
  return schema;
}

void WriteSchema(const Schema& schema, JsonText& out) {
  out.BeginObject();
  out.Member(field::kType, field::kStruct);
  out.Member(field::kSchemaId, schema.id.value());
  if (!schema.identifier_field_ids.empty()) {
    out.Key(field::kIdentifierFieldIds);
    out.BeginArray();
    for (const FieldId id : schema.identifier_field_ids) out.Int(id.value());
    out.EndArray();
  }
  WriteFields(schema.fields, schema.unknown_field_members, out);
  WriteUnknownMembers(schema.unknown_members_json, out);
  out.EndObject();
}

std::string SerializeSchema(const Schema& schema) {
  std::string text;
  JsonText out(&text);
  WriteSchema(schema, out);
  return text;
}

Result<Schema> ParseSchema(std::string_view json) {
  TARN_ASSIGN(const Json document, ParseJson(json, "schema"));
  return ParseSchemaTree(document, "");
}

}  // namespace tarn::iceberg
