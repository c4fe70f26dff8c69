// SPDX-License-Identifier: Apache-2.0
#include "process/transaction_fate.h"

#include "boundary/guard.h"
#include "process/server_run.h"

extern "C" {
#include <access/transam.h>
#include <access/xact.h>
#include <storage/lwlock.h>
#include <storage/procarray.h>
}

namespace tarn::extension {
namespace {

FullTransactionId ToFull(TransactionId xid, FullTransactionId next) {
  uint32 epoch = EpochFromFullTransactionId(next);
  if (xid > XidFromFullTransactionId(next)) --epoch;
  return FullTransactionIdFromEpochAndXid(epoch, xid);
}

lake::Outcome LookUp(uint64_t full_xid, XLogRecPtr flushed) {
  const FullTransactionId next = ReadNextFullTransactionId();
  const FullTransactionId wanted = FullTransactionIdFromU64(full_xid);
  const TransactionId xid = XidFromFullTransactionId(wanted);
  if (!TransactionIdIsNormal(xid)) return lake::Outcome::kAborted;
  // Given before a crash and never flushed: nobody has it.
  if (!FullTransactionIdPrecedes(wanted, next)) return lake::Outcome::kAborted;
  // What is no longer in the commit log is not running either. (The lock keeps the log from being
  // truncated meanwhile.)
  LWLockAcquire(XactTruncationLock, LW_SHARED);
  lake::Outcome outcome = lake::Outcome::kCommitted;
  if (!FullTransactionIdPrecedes(wanted, ToFull(TransamVariables->oldestClogXid, next))) {
    // The order matters: a transaction marks its end before it leaves the list of running ones.
    // Prepared ones are on it.
    if (TransactionIdIsInProgress(xid)) {
      outcome = lake::Outcome::kPrepared;
    } else if (!TransactionIdDidCommit(xid)) {
      outcome = lake::Outcome::kAborted;
    } else if (TransactionIdGetCommitLSN(xid) > flushed) {
      outcome = lake::Outcome::kPrepared;  // a crash may take it back
    }
  }
  LWLockRelease(XactTruncationLock);
  return outcome;
}

}  // namespace

lake::Outcome FateOf(const lake::TransactionKey& transaction, uint64_t flushed_lsn) {
  return Pg([&] {
    // Lost with the run that gave it; by now somebody else may have the id.
    if (!IsOfThisRun(transaction.uuid) &&
        transaction.full_xid >= FirstXidAfterRunOf(transaction.uuid)) {
      return lake::Outcome::kAborted;
    }
    return LookUp(transaction.full_xid, flushed_lsn);
  });
}

uint64_t GarbageHorizon() {
  return Pg([] {
    const FullTransactionId next = ReadNextFullTransactionId();
    // Without a relation: the horizon of all databases, slots and standbys' feedback.
    const TransactionId horizon = GetOldestNonRemovableTransactionId(nullptr);
    return U64FromFullTransactionId(ToFull(horizon, next));
  });
}

}  // namespace tarn::extension
