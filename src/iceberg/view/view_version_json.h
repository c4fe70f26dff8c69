// SPDX-License-Identifier: Apache-2.0
// Versions of views in metadata files and updates.
#pragma once

#include <string>

#include "base/result.h"
#include "iceberg/json/json_members.h"
#include "iceberg/json/json_text.h"
#include "iceberg/view/view_metadata.h"

namespace tarn::iceberg {

Result<ViewVersion> ParseViewVersionTree(const Json& value, std::string place);
void WriteViewVersion(const ViewVersion& version, JsonText& out);

}  // namespace tarn::iceberg
