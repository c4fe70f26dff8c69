// SPDX-License-Identifier: Apache-2.0
// What a column that came later has in the rows that were there before.
#pragma once

#include <optional>
#include <string>

#include "base/column_type.h"
#include "base/result.h"
#include "capture/source_table.h"
#include "capture/values/column_mapping.h"

namespace tarn::capture {

/// pg_attribute.attmissingval: rows that were there when the column was added have this value until
/// they are written again. Text form, under the settings of source/source_connection.h.
struct MissingValue {
  SourceType type;
  std::string text;
  bool operator==(const MissingValue&) const = default;
};

/// As a field's initial-default (Iceberg specification, "Default values", Appendix D). Absent: the
/// field cannot have one, as those of nested types cannot, or the value has no place in it.
std::optional<std::string> InitialDefault(const MissingValue& missing, const TargetType& target,
                                          const Type& stored);

}  // namespace tarn::capture
