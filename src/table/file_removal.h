// SPDX-License-Identifier: Apache-2.0
// Removing files that nobody needs: metadata files first, then lists and manifests, then data, so
// that no reader finds metadata whose files are gone.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "storage/storage.h"

namespace tarn::table {

/// Asked between batches of work; an error (Cancelled) ends it.
using MayGoOn = std::function<Result<>()>;

/// Deletes all that can be deleted; the first failure is returned.
Result<> RemoveFiles(storage::Storage& storage, std::vector<std::string> locations);

/// Files of a table's location that carry the writer's id in their name.
Result<std::vector<std::string>> FindFilesOfWriter(storage::Storage& storage,
                                                   const std::string& table_location,
                                                   const Uuid& writer);

}  // namespace tarn::table
