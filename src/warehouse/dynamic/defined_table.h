// SPDX-License-Identifier: Apache-2.0
// A dynamic table with its query, as its owner's role reads it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "incremental/delta.h"
#include "sql/bind/bind_change.h"
#include "warehouse/session/query.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// As a table that statements pin: what a query sees of a dynamic table.
Table AsTable(const DynamicTable& dynamic);

/// The session in which the query of a dynamic table is read: the owner's role, in the table's
/// database and schema, and nothing of the asking session's.
StatementResult<SessionState> OwnerState(const Snapshot& snapshot, const ObjectHead& head,
                                         const SessionState& asking);

/// Bound, at one moment of the metastore; its rows are those of the table's columns.
struct DefinedTable {
  sql::BoundChange bound;
  int64_t moment_ms = 0;
  /// Objects that the query reads, dynamic tables among them.
  std::vector<ObjectId> sources;
};

/// `text` is the query. `table`: as it is written to; only its columns count.
StatementResult<DefinedTable> BindDefinition(const QueryContext& context, const std::string& text,
                                             const PinnedTable& table);

/// Names and types of the query's columns.
StatementResult<std::vector<ResultColumn>> ColumnsOfDefinition(const QueryContext& context,
                                                               const std::string& text);

/// Why the query cannot be refreshed by its changes; absent: it can.
StatementResult<std::optional<std::string>> WhyNotIncremental(const QueryContext& context,
                                                              const std::string& text,
                                                              const PinnedTable& table);

}  // namespace tarn::warehouse
