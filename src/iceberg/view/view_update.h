// SPDX-License-Identifier: Apache-2.0
// Changes and requirements of views, as the Iceberg REST specification has them ("ViewUpdate",
// "ViewRequirement"), and their JSON.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "iceberg/json/json_members.h"
#include "iceberg/json/json_text.h"
#include "iceberg/update/metadata_update.h"
#include "iceberg/view/view_metadata.h"

namespace tarn::iceberg {

/// The id is the least that the version gets; schema kLastAdded is the one added last.
struct AddViewVersion {
  ViewVersion version;
};

struct SetCurrentViewVersion {
  ViewVersionId version_id{kLastAdded};
};

using ViewUpdate =
    std::variant<AssignUuid, UpgradeFormatVersion, AddSchema, SetLocation, SetProperties,
                 RemoveProperties, AddViewVersion, SetCurrentViewVersion>;

struct AssertViewUuid {
  Uuid uuid;
};

using ViewRequirement = std::variant<AssertViewUuid>;

/// InvalidArgument naming the member, or the action if it is none of a view.
Result<ViewUpdate> ParseViewUpdateTree(const Json& value, const std::string& place);
Result<std::vector<ViewUpdate>> ParseViewUpdatesTree(const Json& array, const std::string& place);
void WriteViewUpdate(const ViewUpdate& update, JsonText& out);

/// InvalidArgument naming the member, or the type if it is none of a view.
Result<ViewRequirement> ParseViewRequirementTree(const Json& value, const std::string& place);
Result<std::vector<ViewRequirement>> ParseViewRequirementsTree(const Json& array,
                                                               const std::string& place);
void WriteViewRequirement(const ViewRequirement& requirement, JsonText& out);

/// Conflict, "Requirement failed: …", of the first that does not hold.
Result<> CheckViewRequirements(const ViewMetadata& current,
                               std::span<const ViewRequirement> requirements);

}  // namespace tarn::iceberg
