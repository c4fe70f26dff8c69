// SPDX-License-Identifier: Apache-2.0
// The background worker: keeps one engine running, tells it the fate of transactions whose end
// nobody reported, and lets it delete what nobody needs.
#include "process/launcher.h"

#include "boundary/guard.h"
#include "definition/settings.h"
#include "process/engine_client.h"
#include "process/engine_process.h"
#include "process/server_run.h"
#include "process/transaction_fate.h"

#include <signal.h>

extern "C" {
#include <access/xlog.h>
#include <pgstat.h>
#include <postmaster/bgworker.h>
#include <postmaster/interrupt.h>
#include <storage/ipc.h>
#include <storage/latch.h>
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
  if (g_engine < 0) PlanRestart(plan);
}

/// Asks for transactions without an end, and answers. On a standby nobody's fate is decided here.
void SettleTransactions() {
  EngineClient& client = EngineClient::Get();
  const auto open =
      client.Parse<lake::Transactions>(client.CallEmpty(lake::MessageType::kListTransactions));
  lake::ResolveTransactions resolve;
  for (const lake::OpenTransaction& transaction : open.transactions) {
    const lake::Outcome outcome =
        transaction.connected ? lake::Outcome::kPrepared : FateOf(transaction.key);
    if (outcome != lake::Outcome::kPrepared) {
      resolve.verdicts.push_back({.transaction = transaction.key.uuid, .outcome = outcome});
    }
  }
  if (!resolve.verdicts.empty())
    (void)client.CallMessage(lake::MessageType::kResolveTransactions, resolve);
}

void CollectGarbage() {
  lake::CollectGarbage collect;
  collect.horizon_xid = GarbageHorizon();
  collect.safe_age_ms = int64_t{settings().garbage_safe_age_s} * 1000;
  (void)EngineClient::Get().CallMessage(lake::MessageType::kCollectGarbage, collect);
}

void Maintain() {
  if (g_engine <= 0 || Pg([] { return RecoveryInProgress(); })) return;
  try {
    SettleTransactions();
    CollectGarbage();
  } catch (const LakeError& e) {
    const char* message = e.error().message.c_str();
    Pg([&] { ereport(LOG, (errmsg("maintenance of the lake: %s", message))); });
  }
}

[[noreturn]] void Run() {
  MemoryContext round =
      AllocSetContextCreate(TopMemoryContext, "tarn launcher round", ALLOCSET_DEFAULT_SIZES);
  char** command = EngineCommand();
  if (command == nullptr) {
    ereport(LOG, (errmsg("no lake engine is started: tarn.engine_path is not set")));
  }
  RestartPlan plan;
  TimestampTz next_round = GetCurrentTimestamp();
  while (true) {
    CHECK_FOR_INTERRUPTS();
    RecordServerRun();
    if (ShutdownRequestPending) proc_exit(1);  // 0 would unregister the worker for good
    if (ConfigReloadPending) {
      ConfigReloadPending = false;
      ProcessConfigFile(PGC_SIGHUP);
      char** wanted = EngineCommand();
      if (!SameCommand(wanted, command) && g_engine > 0) {
        StopEngine(g_engine);
        g_engine = -1;
      }
      command = wanted;
    }
    RunEngine(command, &plan);
    if (g_engine > 0 && MsUntil(next_round) == 0) {
      MemoryContext caller = MemoryContextSwitchTo(round);
      Guard([] { Maintain(); });
      MemoryContextSwitchTo(caller);
      MemoryContextReset(round);
      next_round = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), kRoundMs);
    }
    const long pause = g_engine > 0 ? MsUntil(next_round)
                                    : (command == nullptr ? kRoundMs : MsUntil(plan.not_before));
    (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, Max(pause, 10L),
                    PG_WAIT_EXTENSION);
    ResetLatch(MyLatch);
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
  pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
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
