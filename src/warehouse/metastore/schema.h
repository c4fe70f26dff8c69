// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "warehouse/metastore/database.h"

namespace tarn::warehouse {

/// Step i (from 0) brings a file of version i to version i + 1. What was released is never changed:
/// a new version appends a step.
std::span<const std::string_view> MigrationSteps();

/// Version of files that this program writes.
int64_t MetastoreFileVersion();

/// Brings the file to that version, each step one transaction. Unsupported if a newer program wrote
/// it, Corruption if it is some other program's.
Result<> Migrate(Connection& connection);

}  // namespace tarn::warehouse
