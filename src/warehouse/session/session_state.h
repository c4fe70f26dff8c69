// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/uuid.h"
#include "sql/bound/expression.h"
#include "warehouse/catalogue/caller.h"
#include "warehouse/metastore/snapshot.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

class StatementLog;
struct TransactionView;

/// What a session remembers between statements. A plain value. Names are exact; "" = none.
struct SessionState {
  Uuid id = Uuid::Random();
  std::string user, role;
  ObjectId user_id, role_id;
  std::string warehouse, database, schema;
  bool all_secondary_roles = false;
  std::string task;  ///< qualified, of the run that this is the session of; "": of a client
  /// The role is that of an owner on whose behalf statements run: the user need not have it.
  bool as_owner = false;
  bool transfers_files = false;  ///< its client carries PUT and GET out
  std::map<std::string, std::string, std::less<>> parameters;  ///< that are not at their defaults
  std::map<std::string, sql::bound::Expression, std::less<>> variables;

  /// Of what ran; copies of the state share it. Null: not the state of a session.
  std::shared_ptr<StatementLog> log = nullptr;
  /// Of the open transaction; copies of the state share where it is kept. Null, here or there: none
  /// is open.
  std::shared_ptr<std::shared_ptr<TransactionView>> view = nullptr;
  TransactionView* open_view() const { return view == nullptr ? nullptr : view->get(); }

  /// Of a name in SessionParameters().
  std::string Parameter(std::string_view name) const;
};

/// Who asks, at this moment. 003013 (42501) where the role is gone or was taken from the user.
StatementResult<Caller> CallerOf(const Snapshot& snapshot, const SessionState& session);

/// Takes the role, by its name: the user must have it.
StatementResult<> UseRole(const Snapshot& snapshot, SessionState& session, const std::string& role);
/// The caller must have USAGE on it; its schema PUBLIC becomes current if there is one.
StatementResult<> UseDatabase(const Snapshot& snapshot, SessionState& session,
                              const std::string& database);
StatementResult<> UseSchema(const Snapshot& snapshot, SessionState& session,
                            const ObjectName& schema);
StatementResult<> UseWarehouse(const Snapshot& snapshot, SessionState& session,
                               const std::string& warehouse);

}  // namespace tarn::warehouse
