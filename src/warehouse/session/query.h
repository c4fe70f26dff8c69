// SPDX-License-Identifier: Apache-2.0
// Queries of a session: bound over one moment of the metastore, run by the engine.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sql/bind/bind.h"
#include "warehouse/session/account.h"
#include "warehouse/session/nested_statements.h"
#include "warehouse/session/query_names.h"
#include "warehouse/session/session_state.h"
#include "warehouse/session/statement_run.h"

namespace tarn::warehouse {

class SessionTransaction;

/// What a statement runs with. Of one execution.
struct QueryContext {
  Account* account = nullptr;
  const SessionState* session = nullptr;
  /// Rows that the session has not committed are read, too. May be null.
  const SessionTransaction* transaction = nullptr;
  StatementRun* run = nullptr;  ///< null: only described
  std::string_view text;        ///< that spans are of
  std::vector<sql::bound::Expression> parameters;
  NamedValues named_parameters = {};
};

/// The binder's view of the session, but for `names` and the text.
sql::BindRequest MakeBindRequest(const QueryContext& context);

/// A query that has been bound; its tables are pinned, and the moment is over.
struct BoundStatement {
  sql::BoundQuery query;
  std::vector<ResultColumn> columns;
};

/// Binds what `request` says, at the metastore's newest state. `output_types` and the like are the
/// caller's to set; text, names and parameters are set here.
StatementResult<BoundStatement> BindStatementQuery(const QueryContext& context,
                                                   const sql::syntax::Query& query,
                                                   sql::BindRequest request);
StatementResult<BoundStatement> BindStatementQuery(const QueryContext& context,
                                                   const sql::syntax::Query& query);

/// Objects and session at the metastore's newest state, for statements that bind several things of
/// one moment. Not to be kept while rows are read.
class BindingMoment {
 public:
  static StatementResult<std::unique_ptr<BindingMoment>> Open(const QueryContext& context);

  const Snapshot& snapshot() const { return *snapshot_; }
  const Caller& caller() const { return caller_; }
  /// A table, with the privilege on it.
  StatementResult<std::shared_ptr<const PinnedTable>> Table(const ObjectName& name,
                                                            std::string_view privilege);
  /// The state of the table that AT or BEFORE means (time_travel/point_in_time.h).
  StatementResult<TableVersion> VersionOf(const PinnedTable& table,
                                          const sql::syntax::TimeTravel& written);
  /// What the session's texts are bound with; it does not outlive the moment.
  sql::BindRequest Request();
  /// A failure of what was bound with it, with the words of the names where it is theirs.
  StatementError FailureOf(sql::SqlError error) const;

 private:
  explicit BindingMoment(const QueryContext& context) : context_(context) {}

  const QueryContext context_;
  std::unique_ptr<ReadSnapshot> snapshot_;
  Caller caller_;
  NamingMoment moment_;
  std::unique_ptr<QueryNames> names_;
};

/// A constant expression over no table.
StatementResult<sql::bound::Expression> BindStatementConstant(
    const QueryContext& context, const sql::syntax::Expression& expression);

/// What the engine reads of each table of the query: planned at what is pinned or, where the
/// transaction has one, at its own state.
StatementResult<std::vector<engine::QueryTable>> PlanTables(const QueryContext& context,
                                                            const sql::BoundQuery& query);
StatementResult<std::unique_ptr<engine::QueryStream>> OpenPlannedQuery(
    const QueryContext& context, std::vector<engine::QueryTable> tables, sql::PrintedQuery printed);

/// Both. `text` is the query's, printed, or one around it with these carriers.
StatementResult<std::unique_ptr<engine::QueryStream>> OpenBoundQuery(const QueryContext& context,
                                                                     const sql::BoundQuery& query,
                                                                     sql::PrintedQuery printed);

}  // namespace tarn::warehouse
