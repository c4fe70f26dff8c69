// SPDX-License-Identifier: Apache-2.0
// The background worker: keeps one engine running, tells it the fate of transactions whose end
// nobody reported, and lets it delete what nobody needs.
#include "process/launcher.h"

#include "boundary/guard.h"
#include "compaction/compaction_schedule.h"
#include "definition/settings.h"
#include "process/engine_client.h"
#include "process/engine_process.h"
#include "process/server_run.h"
#include "process/transaction_fate.h"

#include <signal.h>

extern "C" {
#include <access/transam.h>
#include <access/xact.h>
#include <access/xlog.h>
#include <pgstat.h>
#include <postmaster/bgworker.h>
#include <postmaster/interrupt.h>
#include <storage/ipc.h>
#include <storage/latch.h>
#include <storage/lwlock.h>
#include <storage/procarray.h>
#include <storage/procsignal.h>
#include <tcop/tcopprot.h>
#include <utils/guc.h>
#include <utils/memutils.h>
#include <utils/timestamp.h>
#include <utils/wait_event.h>
}

namespace tarn::extension {
namespace {

constexpr long kRoundMs = 5000;
constexpr long kErrorPauseMs = 1000;
constexpr int kRestartPauseMaxMs = 5000;
/// An engine that lived this long is restarted at once.
constexpr int kHealthyMs = 10000;

pid_t g_engine = -1;

void OnChild(SIGNAL_ARGS) {
  (void)postgres_signal_arg;
  const int saved = errno;
  if (MyLatch != nullptr) SetLatch(MyLatch);
  errno = saved;
}

/// At once, whatever it waits for.
void OnTerminate(SIGNAL_ARGS) {
  ShutdownRequestPending = true;
  die(postgres_signal_arg);
}

void StopEngineAtExit(int /*code*/, Datum /*argument*/) {
  if (g_engine > 0) StopEngine(g_engine);
  g_engine = -1;
}

/// When to start the next engine.
struct RestartPlan {
  TimestampTz started = 0;
  int pause_ms = 0;
  TimestampTz not_before = 0;
};

void PlanRestart(RestartPlan* plan) {
  const TimestampTz now = GetCurrentTimestamp();
  if (TimestampDifferenceExceeds(plan->started, now, kHealthyMs)) {
    plan->pause_ms = 0;
  } else {
    plan->pause_ms = plan->pause_ms == 0 ? 50 : Min(plan->pause_ms * 2, kRestartPauseMaxMs);
  }
  plan->not_before = TimestampTzPlusMilliseconds(now, plan->pause_ms);
}

long MsUntil(TimestampTz when) {
  return TimestampDifferenceMilliseconds(GetCurrentTimestamp(), when);
}

void RunEngine(char** command, RestartPlan* plan) {
  if (g_engine > 0 && EngineEnded(g_engine)) {
    g_engine = -1;
    PlanRestart(plan);
  }
  if (g_engine > 0 || command == nullptr || MsUntil(plan->not_before) > 0) return;
  plan->started = GetCurrentTimestamp();
  g_engine = StartEngine(command);
  if (g_engine > 0) ForgetCompactionVisits();
  if (g_engine < 0) PlanRestart(plan);
}

/// Tells the engine what only PostgreSQL knows. On a standby nobody's fate is decided. The engine
/// answers before it works, so a round takes no longer than asking the commit log.
void Maintain() {
  if (g_engine <= 0 || Pg([] { return RecoveryInProgress(); })) return;
  EngineClient& client = EngineClient::Get();
  const auto open =
      client.Parse<lake::Transactions>(client.CallEmpty(lake::MessageType::kListTransactions));
  lake::Maintain message;
  message.flushed_lsn = Pg([] { return GetFlushRecPtr(nullptr); });
  for (const lake::OpenTransaction& transaction : open.transactions) {
    const lake::Outcome outcome = transaction.connected
                                      ? lake::Outcome::kPrepared
                                      : FateOf(transaction.key, message.flushed_lsn);
    if (outcome != lake::Outcome::kPrepared) {
      message.verdicts.push_back({.transaction = transaction.key.uuid, .outcome = outcome});
    }
  }
  message.next_xid = Pg([] { return U64FromFullTransactionId(ReadNextFullTransactionId()); });
  message.horizon_xid = GarbageHorizon();
  message.safe_age_ms = int64_t{settings().garbage_safe_age_s} * 1000;
  (void)client.CallMessage(lake::MessageType::kMaintain, message);
}

struct LauncherState {
  MemoryContext lasting = nullptr;
  MemoryContext round = nullptr;
  char** command = nullptr;
  RestartPlan plan;
  TimestampTz next_round = 0;
};

char** LastingCommand(LauncherState* state) {
  MemoryContext caller = MemoryContextSwitchTo(state->lasting);
  char** command = EngineCommand();
  MemoryContextSwitchTo(caller);
  return command;
}

void Step(LauncherState* state) {
  CHECK_FOR_INTERRUPTS();
  RecordServerRun();
  if (ConfigReloadPending) {
    ConfigReloadPending = false;
    ProcessConfigFile(PGC_SIGHUP);
    char** wanted = LastingCommand(state);
    if (!SameCommand(wanted, state->command) && g_engine > 0) {
      StopEngine(g_engine);
      g_engine = -1;
    }
    state->command = wanted;
  }
  RunEngine(state->command, &state->plan);
  if (g_engine > 0 && MsUntil(state->next_round) == 0) {
    state->next_round = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), kRoundMs);
    Guard([] { Maintain(); });
    FindDatabasesToCompact();
  }
  if (g_engine > 0) StartCompactionWorkers();
  const long pause = g_engine > 0
                         ? MsUntil(state->next_round)
                         : (state->command == nullptr ? kRoundMs : MsUntil(state->plan.not_before));
  (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, Max(pause, 10L),
                  PG_WAIT_EXTENSION);
  ResetLatch(MyLatch);
}

/// Whatever fails is tried again: an error (a cancel by pg_cancel_backend is one) must not end the
/// worker, and with it the engine and every transaction that has rows in it.
void StepOrReport(LauncherState* state) {
  MemoryContextSwitchTo(state->round);
  PG_TRY();
  {
    Step(state);
  }
  PG_CATCH();
  {
    MemoryContextSwitchTo(state->round);
    ErrorData* error = CopyErrorData();
    FlushErrorState();
    LWLockReleaseAll();
    AbortOutOfAnyTransaction();
    MemoryContextSwitchTo(state->round);
    pgstat_report_wait_end();
    ereport(LOG, (errmsg("maintenance of the lake: %s", error->message)));
    (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, kErrorPauseMs,
                    PG_WAIT_EXTENSION);
    ResetLatch(MyLatch);
  }
  PG_END_TRY();
  MemoryContextReset(state->round);
}

[[noreturn]] void Run() {
  LauncherState state;
  state.lasting = TopMemoryContext;
  state.round =
      AllocSetContextCreate(TopMemoryContext, "tarn launcher round", ALLOCSET_DEFAULT_SIZES);
  state.command = LastingCommand(&state);
  if (state.command == nullptr) {
    ereport(LOG, (errmsg("no lake engine is started: tarn.engine_path is not set")));
  }
  state.next_round = GetCurrentTimestamp();
  while (true) {
    if (ShutdownRequestPending) proc_exit(1);  // 0 would unregister the worker for good
    StepOrReport(&state);
  }
}

}  // namespace

void RegisterLauncher() {
  BackgroundWorker worker = {};
  worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
  worker.bgw_start_time = BgWorkerStart_ConsistentState;
  worker.bgw_restart_time = 1;
  strlcpy(worker.bgw_library_name, "tarn", sizeof worker.bgw_library_name);
  strlcpy(worker.bgw_function_name, "tarn_launcher_main", sizeof worker.bgw_function_name);
  strlcpy(worker.bgw_name, "tarn launcher", sizeof worker.bgw_name);
  strlcpy(worker.bgw_type, "tarn launcher", sizeof worker.bgw_type);
  RegisterBackgroundWorker(&worker);
}

[[noreturn]] void LauncherMain() {
  pqsignal(SIGHUP, SignalHandlerForConfigReload);
  pqsignal(SIGTERM, OnTerminate);
  pqsignal(SIGCHLD, OnChild);
  BackgroundWorkerUnblockSignals();
  BackgroundWorkerInitializeConnectionByOid(InvalidOid, InvalidOid, 0);
  before_shmem_exit(StopEngineAtExit, 0);
  Run();
}

}  // namespace tarn::extension

extern "C" {
PGDLLEXPORT void tarn_launcher_main(Datum /*argument*/);
void tarn_launcher_main(Datum /*argument*/) { tarn::extension::LauncherMain(); }
}
