// SPDX-License-Identifier: Apache-2.0
// The tables of a query as DuckDB table functions. Only for sources of this folder: it includes
// DuckDB.
#pragma once

#include <duckdb.hpp>
#include <duckdb/main/client_context_state.hpp>

#include <vector>

#include "base/result.h"
#include "engine/delete_store.h"
#include "engine/query.h"
#include "engine/scan_query.h"

namespace tarn::engine {

/// `tarn_table(i)` is replaced by the scan of table i when DuckDB binds it.
inline constexpr const char* kTableFunction = "tarn_table";
inline constexpr const char* kQueryTablesState = "tarn_query_tables";

/// The tables of the query that runs on a connection. The query must not outlive it.
struct QueryTables : duckdb::ClientContextState {
  struct Table {
    ScanQueries scan;
    std::vector<Type> types;
  };
  std::vector<Table> tables;
};

Result<duckdb::shared_ptr<QueryTables>> BuildQueryTables(std::vector<QueryTable> tables,
                                                         DeleteStore* deletes);

/// The data file that a message of DuckDB speaks of; null if none.
const FileScan::File* FindNamedFile(const QueryTables& tables, const std::string& message);

/// Makes the function known to a database.
void RegisterTableFunction(duckdb::DatabaseInstance& instance);

}  // namespace tarn::engine
