// SPDX-License-Identifier: Apache-2.0
// Statements that are no queries: one action per kind of statement, one source per kind of object.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/syntax/statement.h"
#include "warehouse/session/query.h"
#include "warehouse/session/result_streams.h"
#include "warehouse/session/session_transaction.h"

namespace tarn::warehouse {

/// What an action works with. Of one execution.
struct StatementContext {
  Account* account = nullptr;
  SessionState* session = nullptr;
  SessionTransaction* transaction = nullptr;  ///< where statements of kRows add; else may be null
  StatementRun* run = nullptr;
  std::string_view text;  ///< that spans are of
  std::vector<sql::bound::Expression> parameters;
  NamedValues named_parameters = {};
  NestedStatements* nested = nullptr;
  Uuid query_id = {};

  QueryContext query() const {
    return {.account = account,
            .session = session,
            .transaction = nested != nullptr ? nested->open_transaction() : transaction,
            .run = run,
            .text = text,
            .parameters = parameters,
            .named_parameters = named_parameters};
  }
};

enum class StatementEffect : uint8_t {
  kNone,         ///< reads
  kSession,      ///< changes the session alone
  kTransaction,  ///< BEGIN, COMMIT, ROLLBACK
  kRows,         ///< changes rows: part of a transaction
  kBlock,        ///< whatever the statements in it do
  kObjects,      ///< commits what is open, and then by itself
};

StatementEffect EffectOf(const sql::syntax::Statement& statement);

/// Whether it is refused while a transaction is open (25001), instead of committing it.
bool StandsAlone(const sql::syntax::Statement& statement);

/// Upper-case words of the command, without names: "CREATE TABLE".
std::string CommandOf(const sql::syntax::Statement& statement);

/// REQUIRES: no query and no transaction's statement. 000002 (0A000), by name, for what nobody
/// executes yet. A failure has changed nothing.
StatementResult<StatementOutcome> ExecuteStatement(StatementContext& context,
                                                   const sql::syntax::Statement& statement);

/// The columns of what gives rows; empty for others.
StatementResult<std::vector<ResultColumn>> DescribeStatement(
    StatementContext& context, const sql::syntax::Statement& statement);

}  // namespace tarn::warehouse
