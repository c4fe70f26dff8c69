// SPDX-License-Identifier: Apache-2.0
#include "transaction/parallel_workers.h"

extern "C" {
#include <access/parallel.h>
#include <port/atomics.h>
#include <storage/ipc.h>
#include <storage/proc.h>
#include <storage/shmem.h>
}

namespace tarn::extension {
namespace {

/// By the number of the leader's PGPROC.
pg_atomic_uint32* g_changes = nullptr;

shmem_request_hook_type g_next_request = nullptr;
shmem_startup_hook_type g_next_startup = nullptr;

Size ChangesSize() { return mul_size(sizeof(pg_atomic_uint32), static_cast<Size>(MaxBackends)); }

void Request() {
  if (g_next_request != nullptr) g_next_request();
  RequestAddinShmemSpace(MAXALIGN(ChangesSize()));
}

void Startup() {
  if (g_next_startup != nullptr) g_next_startup();
  bool found = false;
  g_changes = static_cast<pg_atomic_uint32*>(
      ShmemInitStruct("tarn changes of leaders", ChangesSize(), &found));
  for (int i = 0; !found && i < MaxBackends; ++i) pg_atomic_init_u32(&g_changes[i], 0);
}

bool LeaderHasChanges() {
  const PGPROC* leader = MyProc->lockGroupLeader;
  if (leader == nullptr) return false;
  const int number = GetNumberFromPGProc(leader);
  return number < MaxBackends && pg_atomic_read_u32(&g_changes[number]) != 0;
}

}  // namespace

void InstallParallelWorkers() {
  g_next_request = shmem_request_hook;
  shmem_request_hook = Request;
  g_next_startup = shmem_startup_hook;
  shmem_startup_hook = Startup;
}

void NoteLakeChanges(bool changed) {
  // Auxiliary processes have no transactions.
  if (g_changes == nullptr || MyProcNumber < 0 || MyProcNumber >= MaxBackends) return;
  pg_atomic_write_u32(&g_changes[MyProcNumber], changed ? 1 : 0);
  pg_write_barrier();
}

void CheckReadInWorker(Relation relation) {
  if (!IsParallelWorker() || !LeaderHasChanges()) return;
  ereport(
      ERROR,
      (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
       errmsg("cannot read lake table \"%s\" in a parallel worker",
              RelationGetRelationName(relation)),
       errdetail("The transaction has changed lake tables, and its changes are known to its own "
                 "process only."),
       errhint("Mark the function that reads it PARALLEL RESTRICTED, or set "
               "max_parallel_workers_per_gather and debug_parallel_query to 0 and off in this "
               "transaction.")));
}

void CheckWriteInWorker(Relation relation) {
  if (!IsParallelWorker()) return;
  ereport(ERROR, (errcode(ERRCODE_INVALID_TRANSACTION_STATE),
                  errmsg("cannot write to lake table \"%s\" in a parallel worker",
                         RelationGetRelationName(relation))));
}

}  // namespace tarn::extension
