// SPDX-License-Identifier: Apache-2.0
#include "base/field_names.h"

#include <unordered_set>

namespace tarn {
namespace {

/// What a part of a list or map is called, whatever its field says.
const char* PartName(TypeKind kind, size_t index) {
  if (kind == TypeKind::kList) return "element";
  return index == 0 ? "key" : "value";
}

class FullNames {
 public:
  std::optional<std::string> Add(const std::vector<Field>& fields, const std::string& prefix,
                                 TypeKind parent) {
    for (size_t i = 0; i < fields.size(); ++i) {
      const Field& field = fields[i];
      const std::string name =
          prefix + (parent == TypeKind::kStruct ? field.name : PartName(parent, i));
      if (!names_.insert(name).second) return name;
      if (auto shared = Add(field.type.children, name + ".", field.type.kind)) return shared;
    }
    return std::nullopt;
  }

 private:
  std::unordered_set<std::string> names_;
};

}  // namespace

std::optional<std::string> FindSharedFullName(const std::vector<Field>& fields) {
  return FullNames().Add(fields, "", TypeKind::kStruct);
}

}  // namespace tarn
