// SPDX-License-Identifier: Apache-2.0
// The rows of one query. Only for sources of this folder: it includes DuckDB.
#pragma once

#include <memory>

#include "engine/database.h"
#include "engine/delete_store.h"
#include "engine/query.h"
#include "engine/query_tables.h"

namespace tarn::engine {

/// Takes back what PrepareTables makes known, when it is destroyed; the query must have ended.
class PreparedConnection {
 public:
  explicit PreparedConnection(duckdb::ClientContext& context) : context_(context) {}
  ~PreparedConnection();
  PreparedConnection(const PreparedConnection&) = delete;
  PreparedConnection& operator=(const PreparedConnection&) = delete;

 private:
  duckdb::ClientContext& context_;
};

/// Makes tables, time zone and formats of the request known to a connection. Deletes are resolved,
/// by queries of their own on it. `deletes` outlives the query.
QueryResult<duckdb::shared_ptr<QueryTables>> PrepareTables(duckdb::ClientContext& context,
                                                           DeleteStore& deletes,
                                                           QueryRequest request);

/// What failed in a query over these tables.
QueryFailure QueryFailureOf(const QueryTables& tables, const duckdb::ErrorData& data);

/// Plans the query; it runs when rows are asked for. `database`, `deletes` and `memory`, which may
/// be null, outlive the stream.
QueryResult<std::unique_ptr<QueryStream>> OpenQueryStream(Database& database, DeleteStore& deletes,
                                                          MemoryBudget* memory,
                                                          QueryRequest request);

}  // namespace tarn::engine
