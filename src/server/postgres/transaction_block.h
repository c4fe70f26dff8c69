// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "server/postgres/session_parameters.h"
#include "server/postgres/sqlstate.h"
#include "warehouse/session.h"

namespace tarn::server::postgres {

/// PostgreSQL's rules of transactions over a session's: blocks that an error makes fail, implicit
/// transactions of several statements, savepoints, and parameters that a rollback undoes. Used by
/// one thread.
class TransactionBlock {
 public:
  TransactionBlock(warehouse::Session& session, SessionParameters& parameters)
      : session_(session), parameters_(parameters) {}

  /// ReadyForQuery's: 'I' outside of a block, 'T' in one, 'E' in one that has failed.
  char status() const;
  bool in_block() const { return status() != 'I'; }
  bool has_failed() const { return status() == 'E'; }
  /// 25006 says so of everything but statements that only read.
  bool is_read_only() const { return parameters_.is_on("transaction_read_only"); }

  /// From here to EndGroup statements are one transaction, unless a block is open.
  warehouse::StatementResult<> BeginGroup();
  /// Commits what the group did. `failed`: rolls it back.
  warehouse::StatementResult<> EndGroup(bool failed);
  bool in_group() const { return in_group_; }

  /// A statement failed: the block has too.
  void OnError();
  /// A statement was run that cannot be undone alone.
  void OnChange() { ++changes_; }

  using Settings = std::vector<std::pair<std::string, std::string>>;
  // Each gives the warning that the client is to be told of, "" = none.
  warehouse::StatementResult<std::string> Begin(const Settings& settings);
  /// `tag` becomes ROLLBACK where the block had failed.
  warehouse::StatementResult<std::string> Commit(std::string& tag);
  warehouse::StatementResult<std::string> Rollback();

  warehouse::StatementResult<> Savepoint(const std::string& name);
  warehouse::StatementResult<> Release(const std::string& name);
  /// 0A000 where rows were changed since.
  warehouse::StatementResult<> RollbackTo(const std::string& name);

 private:
  struct SavepointState {
    std::string name;
    int64_t changes = 0;
    SessionParameters::Values values;
  };
  warehouse::StatementResult<> Run(std::string_view statement);
  warehouse::StatementResult<std::vector<SavepointState>::iterator> Find(const std::string& name,
                                                                         const char* verb);
  void Ended();

  warehouse::Session& session_;
  SessionParameters& parameters_;
  bool failed_ = false;
  bool in_group_ = false;
  int64_t changes_ = 0;
  std::vector<SavepointState> savepoints_;
};

}  // namespace tarn::server::postgres
