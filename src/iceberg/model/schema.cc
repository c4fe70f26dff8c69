// SPDX-License-Identifier: Apache-2.0
#include "iceberg/model/schema.h"

#include <algorithm>

namespace tarn::iceberg {
namespace {

const Field* FindIn(const std::vector<Field>& fields, FieldId id) {
  for (const Field& field : fields) {
    if (field.id == id) return &field;
    if (!field.type.children.empty()) {
      if (const Field* found = FindIn(field.type.children, id)) return found;
    }
  }
  return nullptr;
}

FieldId HighestIn(const std::vector<Field>& fields) {
  FieldId highest{0};
  for (const Field& field : fields) {
    highest = std::max({highest, field.id, HighestIn(field.type.children)});
  }
  return highest;
}

}  // namespace

const Field* Schema::FindField(FieldId field_id) const { return FindIn(fields, field_id); }

const Field* Schema::FindColumn(std::string_view name) const {
  const auto found =
      std::ranges::find_if(fields, [&](const Field& field) { return field.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

FieldId Schema::HighestFieldId() const { return HighestIn(fields); }

bool Schema::SameFields(const Schema& other) const {
  return fields == other.fields && identifier_field_ids == other.identifier_field_ids;
}

}  // namespace tarn::iceberg
