// SPDX-License-Identifier: Apache-2.0
// What the specification asks of a schema ("Schemas and Data Types", "Identifier Field IDs").
#include <string>
#include <unordered_set>

#include "base/field_names.h"
#include "iceberg/model/schema.h"

namespace tarn::iceberg {
namespace {

constexpr int32_t kDecimalPrecisionMax = 38;
constexpr int32_t kFirstReservedFieldId = 2147483447;  ///< ids above belong to metadata columns
constexpr int32_t kRowLineageVersion = 3;  ///< the version that brought types and defaults
constexpr int kNestingMax = 64;

bool IsVersion3Type(TypeKind kind) {
  switch (kind) {
    case TypeKind::kUnknown:
    case TypeKind::kTimestampNs:
    case TypeKind::kTimestampTzNs:
    case TypeKind::kVariant:
    case TypeKind::kGeometry:
    case TypeKind::kGeography:
      return true;
    default:
      return false;
  }
}

size_t ChildrenOf(TypeKind kind) { return kind == TypeKind::kMap ? 2 : 1; }

class Validator {
 public:
  explicit Validator(int32_t format_version) : format_version_(format_version) {}

  Result<> CheckFields(const std::vector<Field>& fields, const std::string& parent, int depth) {
    std::unordered_set<std::string_view> names;
    for (const Field& field : fields) {
      if (field.name.empty()) {
        return Fail(ErrorKind::kInvalidArgument, "field {} has no name", field.id.value());
      }
      const std::string path = parent.empty() ? field.name : parent + "." + field.name;
      if (!names.insert(field.name).second) {
        return Fail(ErrorKind::kInvalidArgument, "field name \"{}\" is used twice", path);
      }
      TARN_TRY(CheckField(field, path, depth));
    }
    return {};
  }

 private:
  Result<> CheckField(const Field& field, const std::string& path, int depth) {
    if (field.id.value() < 1 || field.id.value() > kFirstReservedFieldId) {
      return Fail(ErrorKind::kInvalidArgument, "field \"{}\" has the invalid id {}", path,
                  field.id.value());
    }
    if (!ids_.insert(field.id).second) {
      return Fail(ErrorKind::kInvalidArgument, "field id {} of \"{}\" is used twice",
                  field.id.value(), path);
    }
    if (field.initial_default && format_version_ < kRowLineageVersion) {
      return Fail(ErrorKind::kInvalidArgument,
                  "field \"{}\" has an initial default, which format version {} lacks", path,
                  format_version_);
    }
    if (field.type.kind == TypeKind::kUnknown && field.required) {
      return Fail(ErrorKind::kInvalidArgument, "field \"{}\" of type unknown can't be required",
                  path);
    }
    return CheckType(field.type, path, depth);
  }

  Result<> CheckType(const Type& type, const std::string& path, int depth) {
    if (depth > kNestingMax) {
      return Fail(ErrorKind::kInvalidArgument, "field \"{}\" is nested deeper than {} levels", path,
                  kNestingMax);
    }
    if (IsVersion3Type(type.kind) && format_version_ < kRowLineageVersion) {
      return Fail(ErrorKind::kInvalidArgument,
                  "field \"{}\" has type {}, which format version {} lacks", path,
                  PrimitiveTypeName(type), format_version_);
    }
    if (type.kind == TypeKind::kStruct) return CheckFields(type.children, path, depth + 1);
    if (type.is_nested()) return CheckContainer(type, path, depth);
    const bool valid_decimal = type.precision >= 1 && type.precision <= kDecimalPrecisionMax &&
                               type.scale >= 0 && type.scale <= type.precision;
    if ((type.kind == TypeKind::kDecimal && !valid_decimal) ||
        (type.kind == TypeKind::kFixed && type.length < 0) || !type.children.empty()) {
      return Fail(ErrorKind::kInvalidArgument, "field \"{}\" has the invalid type {}", path,
                  PrimitiveTypeName(type));
    }
    return {};
  }

  Result<> CheckContainer(const Type& type, const std::string& path, int depth) {
    if (type.children.size() != ChildrenOf(type.kind)) {
      return Fail(ErrorKind::kInvalidArgument, "field \"{}\" has {} parts as a {}", path,
                  type.children.size(), PrimitiveTypeName(type));
    }
    if (type.kind == TypeKind::kMap && !type.children[0].required) {
      return Fail(ErrorKind::kInvalidArgument, "the key of map \"{}\" must be required", path);
    }
    const std::string_view part = type.kind == TypeKind::kMap ? "key" : "element";
    TARN_TRY(CheckField(type.children[0], fmt::format("{}.{}", path, part), depth + 1));
    if (type.kind == TypeKind::kMap) {
      TARN_TRY(CheckField(type.children[1], path + ".value", depth + 1));
    }
    return {};
  }

  int32_t format_version_;
  std::unordered_set<FieldId> ids_;
};

/// The identifier field inside structs alone, or null: fields of lists and maps can't identify a
/// row.
const Field* FindIdentifier(const std::vector<Field>& fields, FieldId id, bool& optional_parent) {
  for (const Field& field : fields) {
    if (field.id == id) return &field;
    if (field.type.kind != TypeKind::kStruct) continue;
    if (const Field* found = FindIdentifier(field.type.children, id, optional_parent)) {
      if (!field.required) optional_parent = true;
      return found;
    }
  }
  return nullptr;
}

Result<> CheckIdentifiers(const Schema& schema) {
  for (const FieldId id : schema.identifier_field_ids) {
    bool optional_parent = false;
    const Field* field = FindIdentifier(schema.fields, id, optional_parent);
    if (field == nullptr) {
      return Fail(ErrorKind::kInvalidArgument,
                  "identifier field {} is not a field outside lists and maps", id.value());
    }
    const TypeKind kind = field->type.kind;
    if (field->type.is_nested() || kind == TypeKind::kFloat || kind == TypeKind::kDouble ||
        kind == TypeKind::kVariant || kind == TypeKind::kGeometry || kind == TypeKind::kGeography) {
      return Fail(ErrorKind::kInvalidArgument, "field \"{}\" of type {} can't identify rows",
                  field->name, PrimitiveTypeName(field->type));
    }
    if (!field->required || optional_parent) {
      return Fail(ErrorKind::kInvalidArgument, "identifier field \"{}\" is not required",
                  field->name);
    }
  }
  return {};
}

}  // namespace

Result<> ValidateSchema(const Schema& schema, int32_t format_version) {
  TARN_TRY(Validator(format_version).CheckFields(schema.fields, "", 0));
  if (const auto shared = FindSharedFullName(schema.fields)) {
    return std::unexpected(Error{
        ErrorKind::kInvalidArgument, fmt::format("two fields have the full name \"{}\"", *shared),
        "Nested fields are found by their names joined with dots.", "Rename one of them."});
  }
  return CheckIdentifiers(schema);
}

}  // namespace tarn::iceberg
