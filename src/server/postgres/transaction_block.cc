// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/transaction_block.h"

#include <algorithm>

namespace tarn::server::postgres {

using warehouse::StatementResult;
using warehouse::TransactionState;

char TransactionBlock::status() const {
  switch (session_.transaction_state()) {
    case TransactionState::kOpen:
      return failed_ ? 'E' : 'T';
    case TransactionState::kFailed:
      return 'E';
    case TransactionState::kNone:
      break;
  }
  return 'I';
}

StatementResult<> TransactionBlock::Run(std::string_view statement) {
  TARN_STATEMENT_ASSIGN(const auto prepared, session_.Prepare(std::string(statement), {}, {}));
  TARN_STATEMENT_ASSIGN(const auto stream, session_.Execute(*prepared, {}));
  std::vector<uint8_t> batch;
  do {
    TARN_STATEMENT_TRY(stream->Next(batch));
  } while (!batch.empty());
  return {};
}

StatementResult<> TransactionBlock::BeginGroup() {
  if (in_group_ || in_block()) return {};
  TARN_STATEMENT_TRY(session_.BeginGroup());
  parameters_.Begin();
  in_group_ = true;
  return {};
}

StatementResult<> TransactionBlock::EndGroup(bool failed) {
  if (!std::exchange(in_group_, false)) return {};
  const auto ended = session_.EndGroup(!failed);
  if (!in_block()) {
    if (failed || !ended) {
      parameters_.Rollback();
    } else {
      parameters_.Commit();
    }
  }
  return ended;
}

void TransactionBlock::OnError() {
  if (session_.transaction_state() == TransactionState::kOpen) failed_ = true;
}

StatementResult<std::string> TransactionBlock::Begin(const Settings& settings) {
  std::string warning;
  if (in_block()) {
    warning = "there is already a transaction in progress";
  } else {
    // Everything in a group so far belongs to the block, parameters too.
    const bool grouped = in_group_;
    TARN_STATEMENT_TRY(Run("BEGIN TRANSACTION"));
    if (!grouped) parameters_.Begin();
    failed_ = false;
    savepoints_.clear();
    for (const char* const name :
         {"transaction_isolation", "transaction_read_only", "transaction_deferrable"}) {
      const std::string initial(parameters_.value(std::string("default_") + name));
      (void)parameters_.Set(name, initial, true);
    }
  }
  for (const auto& [name, value] : settings) {
    TARN_STATEMENT_TRY(parameters_.Set(name, value, true));
  }
  return warning;
}

void TransactionBlock::Ended() {
  failed_ = false;
  savepoints_.clear();
}

StatementResult<std::string> TransactionBlock::Commit(std::string& tag) {
  if (!in_block()) {
    // In a group it ends what came before it, as in PostgreSQL.
    if (in_group_) {
      TARN_STATEMENT_TRY(EndGroup(false));
      TARN_STATEMENT_TRY(BeginGroup());
    }
    return "there is no transaction in progress";
  }
  if (has_failed()) {
    tag = "ROLLBACK";
    return Rollback();
  }
  const auto committed = Run("COMMIT");
  Ended();
  if (!committed) {
    // Whatever became of it, the block is over.
    if (session_.transaction_state() != TransactionState::kNone) (void)Run("ROLLBACK");
    parameters_.Rollback();
    return std::unexpected(committed.error());
  }
  parameters_.Commit();
  return "";
}

StatementResult<std::string> TransactionBlock::Rollback() {
  if (!in_block()) {
    if (in_group_) {
      TARN_STATEMENT_TRY(EndGroup(true));
      TARN_STATEMENT_TRY(BeginGroup());
    }
    return "there is no transaction in progress";
  }
  const auto rolled_back = Run("ROLLBACK");
  Ended();
  parameters_.Rollback();
  TARN_STATEMENT_TRY(rolled_back);
  return "";
}

StatementResult<> TransactionBlock::Savepoint(const std::string& name) {
  if (!in_block()) {
    return FailState(sqlstate::kNoActiveTransaction,
                     "SAVEPOINT can only be used in transaction blocks");
  }
  savepoints_.push_back({name, changes_, parameters_.values()});
  return {};
}

StatementResult<std::vector<TransactionBlock::SavepointState>::iterator> TransactionBlock::Find(
    const std::string& name, const char* verb) {
  if (!in_block()) {
    return FailState(sqlstate::kNoActiveTransaction, "{} can only be used in transaction blocks",
                     verb);
  }
  const auto found =
      std::ranges::find(savepoints_.rbegin(), savepoints_.rend(), name, &SavepointState::name);
  if (found == savepoints_.rend()) {
    return FailState(sqlstate::kInvalidSavepoint, "savepoint \"{}\" does not exist", name);
  }
  return std::prev(found.base());
}

StatementResult<> TransactionBlock::Release(const std::string& name) {
  TARN_STATEMENT_ASSIGN(const auto found, Find(name, "RELEASE SAVEPOINT"));
  savepoints_.erase(found, savepoints_.end());
  return {};
}

StatementResult<> TransactionBlock::RollbackTo(const std::string& name) {
  TARN_STATEMENT_ASSIGN(const auto found, Find(name, "ROLLBACK TO SAVEPOINT"));
  if (found->changes != changes_) {
    auto failed = FailState(sqlstate::kNotSupported,
                            "cannot undo the changes since savepoint \"{}\" alone", name);
    failed.error().error.hint = "ROLLBACK undoes the whole transaction.";
    return failed;
  }
  failed_ = false;
  parameters_.Restore(found->values);
  savepoints_.erase(std::next(found), savepoints_.end());
  return {};
}

}  // namespace tarn::server::postgres
