// SPDX-License-Identifier: Apache-2.0
// Finding and removing what a dropped instance left in the lake (`drop --purge`).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace tarn::provision {

/// The file below a table's location that says who owns it.
inline constexpr const char* kOwnerFile = "metadata/tarn-owner.json";

/// The node ids that the server in `cluster` has had: what its tables' owner files carry. Empty
/// when it never wrote to the lake.
Result<std::vector<std::string>> NodeIds(const std::filesystem::path& cluster);

/// Removes every table directory below `root` whose owner file names one of `nodes`, and the
/// parents that became empty, `root` excepted. Other owners' tables and files that belong to no
/// table stay. Follows no symbolic links. Returns how many tables went. Safe to repeat after a
/// crash: the owner file goes last.
Result<int> RemoveOwnedTables(const std::filesystem::path& root,
                              const std::vector<std::string>& nodes);

}  // namespace tarn::provision
