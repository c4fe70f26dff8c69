// SPDX-License-Identifier: Apache-2.0
// The rows of one scan, one query after the other. Only for sources of this folder: it includes
// DuckDB.
#pragma once

#include <memory>

#include "base/result.h"
#include "engine/database.h"
#include "engine/delete_store.h"
#include "engine/engine.h"

namespace tarn::engine {

/// Checks the request and prepares its queries; the first runs when rows are asked for. `database`
/// outlives the stream, and so does `memory`, which may be null.
Result<std::unique_ptr<RowStream>> OpenRowStream(Database& database, DeleteStore& deletes,
                                                 MemoryBudget* memory, ScanRequest request);

/// The same of a difference.
Result<std::unique_ptr<RowStream>> OpenDifferenceStream(Database& database, DeleteStore& deletes,
                                                        MemoryBudget* memory,
                                                        DifferenceRequest request);

}  // namespace tarn::engine
