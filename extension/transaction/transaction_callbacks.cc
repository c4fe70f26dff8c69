// SPDX-License-Identifier: Apache-2.0
#include "access_method/row_fetch.h"
#include "boundary/guard.h"
#include "definition/row_type_changes.h"
#include "process/engine_client.h"
#include "transaction/commit_driver.h"
#include "transaction/lake_transaction.h"
#include "transaction/missing_values.h"
#include "transaction/pending.h"
#include "values/row_coercion.h"

extern "C" {
#include <access/xlog.h>
}

namespace tarn::extension {
namespace {

/// Tells the engine the end; without effect on the transaction's fate, so it never fails.
void Finish(lake::Outcome outcome) noexcept {
  try {
    LakeTransaction* transaction = LakeTransaction::Find();
    if (transaction != nullptr && transaction->engine_knows && transaction->has_key()) {
      std::vector<uint8_t> frame;
      lake::AppendFrame(frame, lake::MessageType::kFinish,
                        lake::Finish{.transaction = transaction->key().uuid,
                                     .outcome = outcome,
                                     .commit_lsn = XactLastCommitEnd});
      EngineClient::Get().SendQuietly(frame);
    }
  } catch (...) {  // NOLINT(bugprone-empty-catch): must not throw
    // Out of memory: the launcher gives the verdict.
  }
  ForgetFetchedRows();
  ForgetAllRowTypes();
  ForgetMissingValues();
  LakeTransaction::Destroy();
  ForgetRowCoercions();
}

void OnTransactionEvent(XactEvent event, void* /*argument*/) {
  switch (event) {
    case XACT_EVENT_PRE_PREPARE:
      Guard([] { RefusePreparedAdoption(); });
      [[fallthrough]];
    case XACT_EVENT_PRE_COMMIT:
      if (LakeTransaction::Find() != nullptr) {
        const bool prepares = event == XACT_EVENT_PRE_PREPARE;
        Guard([prepares] { CommitLakeTables(prepares); });
      }
      break;
    case XACT_EVENT_COMMIT:
      Finish(lake::Outcome::kCommitted);
      break;
    case XACT_EVENT_PREPARE:
      Finish(lake::Outcome::kPrepared);
      break;
    case XACT_EVENT_ABORT:
      Finish(lake::Outcome::kAborted);
      break;
    default:  // parallel workers neither write nor commit
      break;
  }
}

void OnSubtransactionEvent(SubXactEvent event, SubTransactionId child, SubTransactionId parent,
                           void* /*argument*/) {
  if (event == SUBXACT_EVENT_ABORT_SUB) ForgetRowTypes(child);
  LakeTransaction* transaction = LakeTransaction::Find();
  if (transaction == nullptr) return;
  if (event == SUBXACT_EVENT_COMMIT_SUB) transaction->SubtransactionCommitted(child, parent);
  if (event == SUBXACT_EVENT_ABORT_SUB) transaction->SubtransactionAborted(child);
}

}  // namespace

void InstallTransactionCallbacks() {
  RegisterXactCallback(OnTransactionEvent, nullptr);
  RegisterSubXactCallback(OnSubtransactionEvent, nullptr);
}

}  // namespace tarn::extension
