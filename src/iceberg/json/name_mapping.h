// SPDX-License-Identifier: Apache-2.0
// Names of columns in files that carry no field ids (spec, "Column Projection", "Name Mapping
// Serialization").
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/strong_id.h"

namespace tarn::iceberg {

inline constexpr const char* kNameMappingProperty = "schema.name-mapping.default";

/// One field of a mapping. Names are literal: a dot is a part of a name. A plain value.
struct MappedField {
  std::vector<std::string> names;
  std::optional<FieldId> id;  ///< none: the field is in no schema
  std::vector<MappedField> fields;
};

using NameMapping = std::vector<MappedField>;

/// The value of the table property. Corruption when it is no mapping, or gives one name twice.
Result<NameMapping> ParseNameMapping(std::string_view json);

/// That of a table's properties; null where they have none.
Result<std::shared_ptr<const NameMapping>> NameMappingOf(
    const std::map<std::string, std::string>& properties);

/// The field of that name among siblings, or null.
const MappedField* FindMapped(const std::vector<MappedField>& fields, std::string_view name);

}  // namespace tarn::iceberg
