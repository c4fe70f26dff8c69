// SPDX-License-Identifier: Apache-2.0
// Inside of statements/: the table that a statement changes.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "sql/bind/bind_change.h"
#include "warehouse/managed_tables/row_writing.h"
#include "warehouse/objects/privilege.h"
#include "warehouse/statements/execute.h"

namespace tarn::warehouse {

/// Pinned, with what the statement's query is of it. A plain value.
struct ChangedTable {
  std::shared_ptr<const PinnedTable> table;
  sql::BoundChange bound;
};

/// The statement's query over a target at one moment.
using BindTo = std::function<sql::SqlResult<sql::BoundChange>(const sql::ChangeTarget&,
                                                              const sql::BindRequest&)>;

/// The streams that the query reads are consumed by the statement: nobody else does so until the
/// transaction ends. False: they had to be locked, and the query must be bound again, at a moment
/// behind the locks. 40001 for one that moved since the transaction saw it.
StatementResult<bool> ConsumeStreams(const StatementContext& context, SessionTransaction& by,
                                     const Snapshot& snapshot, const sql::BoundQuery& query);

/// For new rows alone: nobody is waited for, but for streams.
StatementResult<ChangedTable> OpenToAppend(const StatementContext& context,
                                           const sql::syntax::ObjectName& name, const BindTo& bind);

/// For changed rows: waits until nobody else changes any of the table, then looks what is there.
/// All of the privileges are required. `bind` may be null.
StatementResult<ChangedTable> OpenToChange(const StatementContext& context,
                                           const sql::syntax::ObjectName& name,
                                           const std::vector<std::string_view>& privileges,
                                           const BindTo& bind);

}  // namespace tarn::warehouse
