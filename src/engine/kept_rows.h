// SPDX-License-Identifier: Apache-2.0
// Kept tables in the database. Only for sources of this folder: it includes DuckDB.
#pragma once

#include <memory>
#include <string>

#include "engine/database.h"
#include "engine/delete_store.h"
#include "engine/kept_table.h"

namespace tarn::engine {

/// KeepRows and ChangeKeptTables; `database` outlives the table.
QueryResult<std::unique_ptr<KeptTable>> KeepRowsIn(Database& database, DeleteStore& deletes,
                                                   std::string name, QueryRequest request,
                                                   size_t columns, const IsCancelled& is_cancelled);
Result<> ChangeKeptTablesIn(Database& database, const std::string& statements);

}  // namespace tarn::engine
