// SPDX-License-Identifier: Apache-2.0
// Requirements as REST requests carry them. JSON null counts as absent; names in any case.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "iceberg/json/json_members.h"
#include "iceberg/json/json_text.h"
#include "iceberg/update/table_requirement.h"

namespace tarn::iceberg {

/// InvalidArgument naming the member, or the type if it is none of a table.
Result<TableRequirement> ParseRequirementTree(const Json& value, const std::string& place);
/// An array of them.
Result<std::vector<TableRequirement>> ParseRequirementsTree(const Json& array,
                                                            const std::string& place);
Result<std::vector<TableRequirement>> ParseRequirements(std::string_view json);

void WriteRequirement(const TableRequirement& requirement, JsonText& out);
/// An array of them.
std::string SerializeRequirements(std::span<const TableRequirement> requirements);

}  // namespace tarn::iceberg
