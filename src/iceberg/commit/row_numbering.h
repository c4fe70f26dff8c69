// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "iceberg/model/manifest_file.h"

namespace tarn::iceberg {

/// Gives first row ids, from `next` on, to the data manifests that have none yet (spec, "First Row
/// ID Assignment"), those from before an upgrade too; returns how many ids they take.
Result<int64_t> AssignRowIds(std::vector<ManifestFile>& manifests, int64_t next);

}  // namespace tarn::iceberg
