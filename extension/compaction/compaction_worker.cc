// SPDX-License-Identifier: Apache-2.0
#include "compaction/compaction_worker.h"

#include <cstring>

#include "boundary/guard.h"
#include "compaction/compaction_round.h"
#include "definition/settings.h"

extern "C" {
#include <access/xact.h>
#include <access/xlog.h>
#include <pgstat.h>
#include <postmaster/interrupt.h>
#include <storage/lwlock.h>
#include <storage/proc.h>
#include <storage/procarray.h>
#include <tcop/tcopprot.h>
#include <utils/guc.h>
#include <utils/memutils.h>
}

namespace tarn::extension {
namespace {

/// PostgreSQL then treats this process as one of autovacuum's, which nobody has to wait for: who
/// waits for a lock of it cancels it, and DROP DATABASE, or a copy of the database, ends it.
void YieldLikeAutovacuum() {
  LWLockAcquire(ProcArrayLock, LW_EXCLUSIVE);
  MyProc->statusFlags |= PROC_IS_AUTOVACUUM;
  ProcGlobal->statusFlags[MyProc->pgxactoff] = MyProc->statusFlags;
  LWLockRelease(ProcArrayLock);
}

/// Whatever the database has set for its sessions.
void OverrideSettings() {
  const auto set = [](const char* name, const char* value) {
    SetConfigOption(name, value, PGC_SUSET, PGC_S_OVERRIDE);
  };
  set("search_path", "");
  set("default_transaction_isolation", "read committed");
  set("statement_timeout", "0");
  set("transaction_timeout", "0");
  set("idle_in_transaction_session_timeout", "0");
  set("lock_timeout", "0");
  // As autovacuum: no standby is waited for.
  if (synchronous_commit > SYNCHRONOUS_COMMIT_LOCAL_FLUSH) set("synchronous_commit", "local");
}

}  // namespace

BackgroundWorkerHandle* StartCompactionWorker(Oid database, const CompactionErrand& errand) {
  BackgroundWorker worker = {};
  worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
  worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
  worker.bgw_restart_time = BGW_NEVER_RESTART;
  worker.bgw_main_arg = ObjectIdGetDatum(database);
  worker.bgw_notify_pid = MyProcPid;
  strlcpy(worker.bgw_library_name, "tarn", sizeof worker.bgw_library_name);
  strlcpy(worker.bgw_function_name, "tarn_compaction_main", sizeof worker.bgw_function_name);
  strlcpy(worker.bgw_name, "tarn compaction", sizeof worker.bgw_name);
  strlcpy(worker.bgw_type, "tarn compaction", sizeof worker.bgw_type);
  std::memcpy(worker.bgw_extra, &errand, sizeof errand);
  BackgroundWorkerHandle* handle = nullptr;
  return RegisterDynamicBackgroundWorker(&worker, &handle) ? handle : nullptr;
}

void CompactionMain(Oid database) {
  CompactionErrand errand;
  std::memcpy(&errand, MyBgworkerEntry->bgw_extra, sizeof errand);
  pqsignal(SIGHUP, SignalHandlerForConfigReload);
  pqsignal(SIGTERM, die);
  BackgroundWorkerUnblockSignals();
  // Also in databases that let nobody in: their tables are theirs to keep tidy, too.
  BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, BGWORKER_BYPASS_ALLOWCONN);
  YieldLikeAutovacuum();
  const bool wanted = settings().compaction && !DefaultXactReadOnly && !RecoveryInProgress();
  OverrideSettings();
  if (wanted) {
    RunCompactionRound(errand.all_tables);
  } else {
    DeclineCompaction();
  }
}

}  // namespace tarn::extension

extern "C" {
PGDLLEXPORT void tarn_compaction_main(Datum database);
void tarn_compaction_main(Datum database) {
  tarn::extension::CompactionMain(DatumGetObjectId(database));
}
}
