// SPDX-License-Identifier: Apache-2.0
#include "compaction/compaction_schedule.h"

#include <algorithm>

#include "boundary/guard.h"
#include "compaction/compaction_worker.h"
#include "definition/settings.h"
#include "lake/wire_maintenance.h"
#include "process/engine_client.h"

extern "C" {
#include <access/genam.h>
#include <access/heapam.h>
#include <access/table.h>
#include <access/tableam.h>
#include <access/xact.h>
#include <access/xlog.h>
#include <catalog/pg_database.h>
#include <commands/dbcommands.h>
#include <nodes/pg_list.h>
#include <utils/memutils.h>
#include <utils/snapmgr.h>
#include <utils/syscache.h>
#include <utils/timestamp.h>
}

namespace tarn::extension {
namespace {

constexpr int kMostWorkers = 64;
/// How often it is told that there is no slot for a worker.
constexpr int kTellAgainMs = 600'000;

struct RunningWorker {
  Oid database = InvalidOid;
  BackgroundWorkerHandle* handle = nullptr;  ///< null: the slot is free
};

struct Schedule {
  RunningWorker running[kMostWorkers];
  List* due = NIL;        ///< OIDs, those that wait longest first
  List* unvisited = NIL;  ///< OIDs that the present engine has not been asked about
  bool must_list = false;
  TimestampTz told = 0;
};
Schedule g_schedule;

/// In the launcher's lasting memory.
void Append(List** list, Oid database) {
  if (list_member_oid(*list, database)) return;
  MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
  *list = lappend_oid(*list, database);
  MemoryContextSwitchTo(caller);
}

void ListDatabases() {
  Relation relation = table_open(DatabaseRelationId, AccessShareLock);
  TableScanDesc scan = table_beginscan_catalog(relation, 0, nullptr);
  HeapTuple tuple = nullptr;
  while (HeapTupleIsValid(tuple = heap_getnext(scan, ForwardScanDirection))) {
    const auto* database = reinterpret_cast<Form_pg_database>(GETSTRUCT(tuple));
    if (!database_is_invalid_form(const_cast<Form_pg_database>(database)) &&
        !database->datistemplate) {
      Append(&g_schedule.unvisited, database->oid);
    }
  }
  table_endscan(scan);
  table_close(relation, AccessShareLock);
}

/// Asks; databases that were dropped since are forgotten by the next question.
void AskForDue() {
  lake::CompactionsDue question{
      .database_oid = 0, .nap_ms = int64_t{settings().compaction_naptime_s} * 1000, .gone = {}};
  for (bool complete = false; !complete;) {
    complete = true;
    const auto due =
        EngineClient::Get().Ask<lake::DueDatabases>(lake::MessageType::kCompactionsDue, question);
    for (const lake::DueDatabase& database : due.databases) {
      const Oid oid = database.database_oid;
      if (Pg([&] { return SearchSysCacheExists1(DATABASEOID, ObjectIdGetDatum(oid)); })) {
        Pg([&] { Append(&g_schedule.due, oid); });
      } else if (std::ranges::find(question.gone, oid) == question.gone.end()) {
        question.gone.push_back(oid);
        complete = false;
      }
    }
  }
}

bool IsRunning(const RunningWorker& worker) {
  pid_t pid = 0;
  return worker.handle != nullptr && GetBackgroundWorkerPid(worker.handle, &pid) != BGWH_STOPPED;
}

/// A free slot; null where all are taken, or the database has a worker.
RunningWorker* SlotFor(Oid database) {
  RunningWorker* free = nullptr;
  int count = 0;
  for (RunningWorker& worker : g_schedule.running) {
    if (!IsRunning(worker)) {
      if (worker.handle != nullptr) pfree(worker.handle);
      worker = {};
      free = &worker;
      continue;
    }
    if (worker.database == database) return nullptr;
    ++count;
  }
  return count < settings().compaction_workers ? free : nullptr;
}

void TellThatNoneIsFree() {
  const TimestampTz now = GetCurrentTimestamp();
  if (!TimestampDifferenceExceeds(g_schedule.told, now, kTellAgainMs)) return;
  g_schedule.told = now;
  ereport(LOG, (errmsg("lake tables are not compacted: no background worker slot is free"),
                errhint("Consider increasing max_worker_processes.")));
}

/// False: the database waits on.
bool StartIn(Oid database, bool all_tables) {
  RunningWorker* slot = SlotFor(database);
  if (slot == nullptr) return false;
  MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
  BackgroundWorkerHandle* handle = StartCompactionWorker(database, {.all_tables = all_tables});
  MemoryContextSwitchTo(caller);
  if (handle == nullptr) {
    TellThatNoneIsFree();
    return false;
  }
  *slot = {.database = database, .handle = handle};
  return true;
}

}  // namespace

void ForgetCompactionVisits() { g_schedule.must_list = true; }

void FindDatabasesToCompact() {
  if (!settings().compaction || RecoveryInProgress()) {
    list_free(g_schedule.due);
    g_schedule.due = NIL;
    return;
  }
  MemoryContext caller = CurrentMemoryContext;
  StartTransactionCommand();
  PushActiveSnapshot(GetTransactionSnapshot());
  if (g_schedule.must_list) ListDatabases();
  g_schedule.must_list = false;
  Guard([] { AskForDue(); });
  PopActiveSnapshot();
  CommitTransactionCommand();
  MemoryContextSwitchTo(caller);
}

void StartCompactionWorkers() {
  if (!settings().compaction) return;
  ListCell* cell = nullptr;
  foreach (cell, g_schedule.due) {
    const Oid database = lfirst_oid(cell);
    const bool all_tables = list_member_oid(g_schedule.unvisited, database);
    if (!StartIn(database, all_tables)) continue;
    g_schedule.due = foreach_delete_current(g_schedule.due, cell);
    if (all_tables) g_schedule.unvisited = list_delete_oid(g_schedule.unvisited, database);
  }
  foreach (cell, g_schedule.unvisited) {
    if (StartIn(lfirst_oid(cell), true)) {
      g_schedule.unvisited = foreach_delete_current(g_schedule.unvisited, cell);
    }
  }
}

}  // namespace tarn::extension
