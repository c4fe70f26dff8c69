// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/temporary_objects.h"

#include <vector>

#include "warehouse/metastore/metastore.h"
#include "warehouse/scheduler/scheduler.h"
#include "warehouse/stages/stage_removal.h"

namespace tarn::warehouse {
namespace {

/// The session's objects that are not dropped for good yet; "" means every session's.
Result<std::vector<ObjectHead>> ObjectsOf(const Snapshot& snapshot, std::string_view session) {
  if (!session.empty()) return snapshot.AllHeads("WHERE o.session = ? ORDER BY o.id", session);
  return snapshot.AllHeads("WHERE o.session <> '' AND o.session <> ? ORDER BY o.id", kEndedSession);
}

/// Tables keep their row until their files are collected; what was dropped before goes with them.
Result<> End(Transaction& transaction, ObjectHead head) {
  if (!FactsOf(head.kind).can_be_undropped) return transaction.Erase(head.id);
  return Execute(transaction.connection(),
                 "UPDATE object SET session = ?, dropped_ms = coalesce(dropped_ms, ?) WHERE id = ?",
                 kEndedSession, transaction.now_ms(), head.id);
}

Result<> Drop(Account& account, std::string_view session) {
  {
    TARN_ASSIGN(const auto snapshot, account.metastore().Read());
    TARN_ASSIGN(const auto found, ObjectsOf(*snapshot, session));
    if (found.empty()) return {};
  }
  std::vector<ObjectId> stages;
  TARN_TRY(
      WithoutCode(account.metastore().Commit([&](Transaction& transaction) -> StatementResult<> {
        stages.clear();
        STATEMENT_ASSIGN(const auto heads, ObjectsOf(transaction, session));
        for (const ObjectHead& head : heads) {
          if (head.kind == ObjectKind::kStage) stages.push_back(head.id);
          STATEMENT_TRY(End(transaction, head));
        }
        return {};
      })));
  for (const ObjectId stage : stages) TARN_TRY(RemoveFilesOfStage(account, stage));
  return {};
}

}  // namespace

Result<> DropTemporaryObjects(Account& account, std::string_view session) {
  TARN_TRY(Drop(account, session));
  account.scheduler().WakeJob(kPurgeJob);
  return {};
}

Result<> DropAbandonedObjects(Account& account) { return Drop(account, {}); }

}  // namespace tarn::warehouse
