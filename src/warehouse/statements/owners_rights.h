// SPDX-License-Identifier: Apache-2.0
// Inside of statements/: what a procedure with owner's rights may do and see (Snowflake,
// "Understanding caller's rights and owner's rights stored procedures").
#pragma once

#include <string>

#include "warehouse/session/session_state.h"
#include "warehouse/statements/execute.h"

namespace tarn::warehouse {

/// Whose rights a procedure has, and where its names are looked for.
struct OwnerAndPlace {
  ObjectId role;
  std::string role_name;
  std::string database, schema;
};

/// The caller's session as the procedure has it: the owner's role alone, no variables, and of the
/// caller's parameters those that Snowflake lets in; the rest are the account's.
StatementResult<SessionState> OwnersState(Account& account, const SessionState& caller,
                                          const OwnerAndPlace& owner);

/// While it lives, the session has another state. Its own comes back whole, however that ends.
class SessionInterlude {
 public:
  SessionInterlude(SessionState& session, SessionState meanwhile)
      : session_(session), kept_(std::exchange(session, std::move(meanwhile))) {}
  ~SessionInterlude() { session_ = std::move(kept_); }
  SessionInterlude(const SessionInterlude&) = delete;
  SessionInterlude& operator=(const SessionInterlude&) = delete;

 private:
  SessionState& session_;
  SessionState kept_;
};

/// 090236 (42601) for what changes the session or tells of it, where the session has an owner's
/// rights.
StatementResult<> CheckOwnersStatement(const StatementContext& context,
                                       const sql::syntax::Statement& statement);

}  // namespace tarn::warehouse
