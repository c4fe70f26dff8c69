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

bool SameFieldsIn(const std::vector<Field>& a, const std::vector<Field>& b) {
  return std::ranges::equal(a, b, [](const Field& x, const Field& y) {
    return x.id == y.id && x.name == y.name && x.required == y.required && x.doc == y.doc &&
           x.initial_default == y.initial_default && x.write_default == y.write_default &&
           x.type.kind == y.type.kind && x.type.precision == y.type.precision &&
           x.type.scale == y.type.scale && x.type.length == y.type.length &&
           x.type.parameters == y.type.parameters && SameFieldsIn(x.type.children, y.type.children);
  });
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
  return SameFieldsIn(fields, other.fields) &&
         std::ranges::is_permutation(identifier_field_ids, other.identifier_field_ids);
}

}  // namespace tarn::iceberg
