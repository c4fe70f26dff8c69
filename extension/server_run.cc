// SPDX-License-Identifier: Apache-2.0
#include "server_run.h"

#include "postgres_headers.h"

#include <algorithm>
#include <cstring>

extern "C" {
#include <access/transam.h>
#include <access/xlog.h>
#include <catalog/pg_control.h>
#include <common/controldata_utils.h>
#include <storage/ipc.h>
#include <storage/shmem.h>
}

namespace tarn::extension {
namespace {

constexpr size_t kTagBytes = 6;
constexpr size_t kTagPosition = 10;

/// Made anew whenever PostgreSQL makes its shared memory: at start, and after a crash of one of its
/// processes.
struct ServerRun {
  uint8_t tag[kTagBytes];
  uint64_t first_xid;  ///< 0: not known yet; written by the launcher only
};
ServerRun* g_run = nullptr;

shmem_request_hook_type g_next_request = nullptr;
shmem_startup_hook_type g_next_startup = nullptr;

void Request() {
  if (g_next_request != nullptr) g_next_request();
  RequestAddinShmemSpace(MAXALIGN(sizeof(ServerRun)));
}

void Startup() {
  if (g_next_startup != nullptr) g_next_startup();
  bool found = false;
  auto* run =
      static_cast<ServerRun*>(ShmemInitStruct("tarn server run", sizeof(ServerRun), &found));
  if (!found) {
    run->first_xid = 0;
    if (!pg_strong_random(run->tag, sizeof run->tag)) elog(ERROR, "could not make a random number");
  }
  g_run = run;
}

/// What recovery ended with. A checkpoint ends it (and a clean start begins at one), and is in the
/// control file by now; only a promotion does without, and shows by the timeline. A later
/// checkpoint gives a higher number, which is safe.
uint64_t ReadFirstXid() {
  const uint64_t next = U64FromFullTransactionId(ReadNextFullTransactionId());
  bool intact = false;
  ControlFileData* control = get_controlfile(DataDir, &intact);
  if (!intact || control->checkPointCopy.ThisTimeLineID != GetWALInsertionTimeLine()) return next;
  return std::min(next, U64FromFullTransactionId(control->checkPointCopy.nextXid));
}

}  // namespace

void InstallServerRun() {
  g_next_request = shmem_request_hook;
  shmem_request_hook = Request;
  g_next_startup = shmem_startup_hook;
  shmem_startup_hook = Startup;
}

Uuid NewTransactionUuid() {
  Uuid uuid = Uuid::Random();
  uuid.bytes[6] = static_cast<uint8_t>(0x80 | (uuid.bytes[6] & 0x0f));
  std::memcpy(uuid.bytes.data() + kTagPosition, g_run->tag, kTagBytes);
  return uuid;
}

bool IsOfThisRun(const Uuid& transaction) {
  return std::memcmp(transaction.bytes.data() + kTagPosition, g_run->tag, kTagBytes) == 0;
}

uint64_t FirstXidOfRun() {
  if (g_run->first_xid == 0) g_run->first_xid = ReadFirstXid();
  return g_run->first_xid;
}

}  // namespace tarn::extension
