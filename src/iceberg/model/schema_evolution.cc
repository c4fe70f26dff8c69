// SPDX-License-Identifier: Apache-2.0
// Which schema may follow which (spec, "Schema Evolution").
#include <algorithm>
#include <optional>
#include <unordered_map>

#include "iceberg/model/schema.h"

namespace tarn::iceberg {
namespace {

constexpr int32_t kRowLineageVersion = 3;

struct PlacedField {
  const Field* field;
  std::optional<FieldId> parent;
};

using FieldIndex = std::unordered_map<FieldId, PlacedField>;

void IndexFields(const std::vector<Field>& fields, std::optional<FieldId> parent,
                 FieldIndex& index) {
  for (const Field& field : fields) {
    index.emplace(field.id, PlacedField{&field, parent});
    IndexFields(field.type.children, field.id, index);
  }
}

/// The types without what is inside them: children are compared field by field.
bool SameOuterType(const Type& from, const Type& to) {
  return from.kind == to.kind && from.precision == to.precision && from.scale == to.scale &&
         from.length == to.length && from.parameters == to.parameters;
}

class Evolution {
 public:
  Evolution(const Schema& current, FieldId last_column_id, int32_t format_version)
      : last_column_id_(last_column_id), format_version_(format_version) {
    IndexFields(current.fields, std::nullopt, index_);
  }

  Result<> Check(std::vector<Field>& next, std::optional<FieldId> parent, bool in_new_field) {
    for (Field& field : next) {
      const auto known = index_.find(field.id);
      if (known == index_.end()) {
        TARN_TRY(CheckNew(field, parent.has_value() && in_new_field));
        TARN_TRY(Check(field.type.children, field.id, /*in_new_field=*/true));
        continue;
      }
      TARN_TRY(CheckKnown(*known->second.field, known->second.parent, field, parent));
      TARN_TRY(Check(field.type.children, field.id, /*in_new_field=*/false));
    }
    return {};
  }

 private:
  Result<> CheckNew(Field& field, bool in_new_field) {
    if (field.id <= last_column_id_) {
      return Fail(ErrorKind::kInvalidArgument,
                  "field \"{}\" reuses id {}, which another field of the table had", field.name,
                  field.id.value());
    }
    // Inside a new field, absence of the whole covers the part; elsewhere older files lack a value.
    const bool has_default = field.initial_default && *field.initial_default != "null";
    if (field.required && !in_new_field && !has_default) field.required = false;
    return {};
  }

  Result<> CheckKnown(const Field& old, std::optional<FieldId> old_parent, Field& field,
                      std::optional<FieldId> parent) {
    if (old_parent != parent) {
      return Fail(ErrorKind::kInvalidArgument, "field \"{}\" can't move to another struct",
                  field.name);
    }
    if (!SameOuterType(old.type, field.type) &&
        !IsPromotionAllowed(old.type, field.type, format_version_)) {
      return Fail(ErrorKind::kInvalidArgument, "field \"{}\" can't change from {} to {}",
                  field.name, PrimitiveTypeName(old.type), PrimitiveTypeName(field.type));
    }
    if (!old.required) field.required = false;
    // Fixed when the field was added: rows written since rely on it.
    field.initial_default = old.initial_default;
    // Whoever asks for columns does not mean what it does not see.
    if (!field.doc) field.doc = old.doc;
    if (!field.write_default) field.write_default = old.write_default;
    return {};
  }

  FieldId last_column_id_;
  int32_t format_version_;
  FieldIndex index_;
};

}  // namespace

bool IsPromotionAllowed(const Type& from, const Type& to, int32_t format_version) {
  if (from.is_nested() || to.is_nested()) return false;
  if (from == to) return true;
  switch (from.kind) {
    case TypeKind::kInt:
      return to.kind == TypeKind::kLong;
    case TypeKind::kFloat:
      return to.kind == TypeKind::kDouble;
    case TypeKind::kDecimal:
      return to.kind == TypeKind::kDecimal && to.scale == from.scale &&
             to.precision >= from.precision;
    case TypeKind::kUnknown:
      return format_version >= kRowLineageVersion;
    case TypeKind::kDate:
      return format_version >= kRowLineageVersion &&
             (to.kind == TypeKind::kTimestamp || to.kind == TypeKind::kTimestampNs);
    default:
      return false;
  }
}

Result<Schema> EvolveSchema(const Schema& current, Schema next, FieldId last_column_id,
                            int32_t format_version) {
  TARN_TRY(Evolution(current, last_column_id, format_version)
               .Check(next.fields, std::nullopt, /*in_new_field=*/false));
  if (next.identifier_field_ids.empty()) {
    // A key that lost a column is none.
    const bool whole = std::ranges::all_of(current.identifier_field_ids, [&](FieldId id) {
      const Field* field = next.FindField(id);
      return field != nullptr && field->required;
    });
    if (whole) next.identifier_field_ids = current.identifier_field_ids;
  }
  if (next.unknown_members_json.empty()) next.unknown_members_json = current.unknown_members_json;
  for (const auto& [id, members] : current.unknown_field_members) {
    if (next.FindField(id) != nullptr) next.unknown_field_members.try_emplace(id, members);
  }
  TARN_TRY(ValidateSchema(next, format_version));
  return next;
}

}  // namespace tarn::iceberg
