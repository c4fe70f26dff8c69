// SPDX-License-Identifier: Apache-2.0
// SYSTEM$VERIFY_EXTERNAL_VOLUME: whether a volume's locations can be used.
#pragma once

#include <string>
#include <string_view>

#include "storage/storage.h"
#include "warehouse/catalogue/caller.h"
#include "warehouse/metastore/snapshot.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// A volume that the caller may use, by a name as in an option's text.
StatementResult<Object<ExternalVolume>> FindVolume(const Snapshot& snapshot, const Caller& caller,
                                                   std::string_view name);

/// JSON text: what came of writing, reading, listing and deleting a file at the location in use, or
/// at the first one that can be used; "PASSED", "SKIPPED", or why not. Where the volume allows no
/// writes, only listing is tried. Leaves nothing behind.
std::string CheckVolume(storage::Storage& storage, const ExternalVolume& volume);

}  // namespace tarn::warehouse
