// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "warehouse/session/account.h"
#include "warehouse/session/query.h"
#include "warehouse/session/session_transaction.h"
#include "warehouse/session/statement_log.h"
#include "warehouse/statements/execute.h"

namespace tarn::warehouse {

class PreparedText;

/// The session of session.h over an account, which outlives it.
class WarehouseSession final : public Session, private NestedStatements {
 public:
  /// `ended` is called when it is destroyed.
  WarehouseSession(Account& account, SessionState state, std::function<void()> ended);
  ~WarehouseSession() override;

  StatementResult<std::vector<StatementText>> Split(std::string_view text,
                                                    const Dialect& dialect) override;
  StatementResult<std::unique_ptr<PreparedStatement>> Prepare(
      std::string text, const Dialect& dialect, std::span<const sql::DataType> declared) override;
  StatementResult<std::unique_ptr<ResultStream>> Execute(
      const PreparedStatement& statement, std::span<const BoundValue> values) override;
  void NameNextStatement(const Uuid& query_id) override { state_.log->NameNext(query_id); }
  StatementResult<> BeginGroup() override;
  StatementResult<> EndGroup(bool commit) override;
  void Cancel() override { runs_.CancelBusy(); }
  TransactionState transaction_state() const override {
    return in_transaction_ ? TransactionState::kOpen : TransactionState::kNone;
  }
  void Reset() override;
  void TransferFiles() override { state_.transfers_files = true; }
  StatementResult<std::string> Parameter(std::string_view name) const override;
  StatementResult<> SetParameter(std::string_view name, std::string_view value) override;
  std::string current_database() const override { return state_.database; }
  std::string current_schema() const override { return state_.schema; }
  std::string current_role() const override { return state_.role; }
  std::string current_warehouse() const override { return state_.warehouse; }
  StatementResult<Caller> CallerAt(const Snapshot& snapshot) const override {
    return CallerOf(snapshot, state_);
  }
  void OnNotice(std::function<void(std::string_view, const Error&)> sink) override {
    notice_ = std::move(sink);
  }

 private:
  StatementResult<std::unique_ptr<ResultStream>> Run(const PreparedText& prepared,
                                                     std::span<const BoundValue> values);
  /// The lower one of the session's and its warehouse's.
  StatementResult<TimeLimit> LimitNow() const;
  /// One statement, of a client or within another; the session's log knows of it.
  StatementResult<std::unique_ptr<ResultStream>> RunLogged(StatementContext& context,
                                                           const sql::syntax::Statement& tree,
                                                           std::string_view written,
                                                           std::shared_ptr<StatementRun> run);
  StatementResult<std::unique_ptr<ResultStream>> RunTree(StatementContext& context,
                                                         const sql::syntax::Statement& tree,
                                                         std::shared_ptr<StatementRun> run);
  const SessionTransaction* open_transaction() const override { return transaction_.get(); }
  const std::shared_ptr<StatementRun>& outer_run() const override { return outer_run_; }
  StatementResult<std::unique_ptr<ResultStream>> RunNested(
      const sql::syntax::Statement& tree, std::string_view text, const NamedValues& named,
      const std::vector<sql::bound::Expression>& parameters) override;
  StatementResult<std::unique_ptr<ResultStream>> RunQuery(StatementContext& context,
                                                          const sql::syntax::Statement& tree,
                                                          std::shared_ptr<StatementRun> run);
  StatementResult<StatementOutcome> RunAction(StatementContext& context,
                                              const sql::syntax::Statement& tree);
  StatementResult<StatementOutcome> Control(const sql::syntax::TransactionControl& control);
  /// A statement that changes rows; one that is alone is run again where others came between.
  StatementResult<StatementOutcome> RunRows(StatementContext& context,
                                            const sql::syntax::Statement& tree);
  /// A transaction begins.
  void OpenView();
  StatementResult<> CommitOpen();
  void RollBackOpen();
  /// What is the session's own; a failure is logged.
  void DropTemporary();

  Account& account_;
  const SessionState initial_;
  SessionState state_;
  std::function<void()> ended_;
  std::function<void(std::string_view, const Error&)> notice_;
  StatementRuns runs_;
  /// Rows that wait for the end of the transaction or group; null: none.
  std::unique_ptr<SessionTransaction> transaction_;
  bool in_transaction_ = false;  ///< BEGIN was said
  bool in_group_ = false;
  /// The client's statement, while others run within it.
  std::shared_ptr<StatementRun> outer_run_;
  int32_t nesting_ = 0;
  Uuid running_;  ///< the statement's id
};

}  // namespace tarn::warehouse
