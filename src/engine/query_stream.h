// SPDX-License-Identifier: Apache-2.0
// The rows of one query. Only for sources of this folder: it includes DuckDB.
#pragma once

#include <memory>

#include "engine/database.h"
#include "engine/delete_store.h"
#include "engine/query.h"

namespace tarn::engine {

/// Plans the query; it runs when rows are asked for. `database`, `deletes` and `memory`, which may
/// be null, outlive the stream.
QueryResult<std::unique_ptr<QueryStream>> OpenQueryStream(Database& database, DeleteStore& deletes,
                                                          MemoryBudget* memory,
                                                          QueryRequest request);

}  // namespace tarn::engine
