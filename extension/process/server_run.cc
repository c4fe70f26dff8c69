// SPDX-License-Identifier: Apache-2.0
#include "process/server_run.h"

#include "boundary/postgres_headers.h"

#include <algorithm>
#include <cstring>

// Headers of Kerberos are not needed for the hook, and may be missing.
#undef ENABLE_GSS

extern "C" {
#include <access/transam.h>
#include <access/xlog.h>
#include <catalog/pg_control.h>
#include <common/controldata_utils.h>
#include <libpq/auth.h>
#include <port/atomics.h>
#include <storage/fd.h>
#include <storage/ipc.h>
#include <storage/lwlock.h>
#include <storage/shmem.h>
}

namespace tarn::extension {
namespace {

constexpr size_t kTagBytes = 6;
constexpr size_t kTagPosition = 10;
constexpr char kRunsDirectory[] = "tarn";
constexpr char kRunsFile[] = "tarn/runs";
constexpr char kNewRunsFile[] = "tarn/runs.new";
/// Newest runs that are remembered: more than there can be between two rounds of the launcher.
constexpr size_t kRunsKept = 1000;

struct RunRecord {
  uint8_t tag[kTagBytes];
  uint64_t first_xid;  ///< what recovery ended with
};

/// Made anew whenever PostgreSQL makes its shared memory: at start, and after a crash of one of its
/// processes.
struct ServerRun {
  RunRecord self;  ///< first_xid 0: not known yet; written under the lock
  pg_atomic_uint32 recorded;
  LWLock lock;
};
ServerRun* g_run = nullptr;

shmem_request_hook_type g_next_request = nullptr;
shmem_startup_hook_type g_next_startup = nullptr;
ClientAuthentication_hook_type g_next_authentication = nullptr;

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
    run->self.first_xid = 0;
    if (!pg_strong_random(run->self.tag, sizeof run->self.tag)) {
      elog(ERROR, "could not make a random number");
    }
    pg_atomic_init_u32(&run->recorded, 0);
    LWLockInitialize(&run->lock, LWLockNewTrancheId());
  }
  LWLockRegisterTranche(run->lock.tranche, "TarnServerRun");
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

struct RunList {
  RunRecord* records;  ///< oldest first; palloc'd
  size_t count;
  bool known;  ///< false: the file could not be read, and must not be replaced
};

/// The file is an array of records, replaced as a whole: it is there entirely or as it was before.
RunList ReadRuns() {
  RunList list = {static_cast<RunRecord*>(palloc0(sizeof(RunRecord) * (kRunsKept + 1))), 0, true};
  FILE* file = AllocateFile(kRunsFile, PG_BINARY_R);
  if (file == nullptr) {
    if (errno != ENOENT) {
      ereport(LOG, (errcode_for_file_access(), errmsg("could not open \"%s\": %m", kRunsFile)));
      list.known = false;
    }
    return list;
  }
  list.count = fread(list.records, sizeof(RunRecord), kRunsKept, file);
  if (ferror(file) != 0) {
    ereport(LOG, (errcode_for_file_access(), errmsg("could not read \"%s\": %m", kRunsFile)));
    list.known = false;
  }
  FreeFile(file);
  return list;
}

bool WriteRuns(const RunList& list) {
  if (MakePGDirectory(kRunsDirectory) == 0) {
    fsync_fname(".", true);
  } else if (errno != EEXIST) {
    ereport(LOG, (errcode_for_file_access(),
                  errmsg("could not create directory \"%s\": %m", kRunsDirectory)));
    return false;
  }
  const size_t skipped = list.count > kRunsKept ? list.count - kRunsKept : 0;
  const size_t bytes = sizeof(RunRecord) * (list.count - skipped);
  const int file = OpenTransientFile(kNewRunsFile, O_CREAT | O_TRUNC | O_WRONLY | PG_BINARY);
  errno = file < 0 ? errno : ENOSPC;
  const bool written = file >= 0 &&
                       write(file, list.records + skipped, bytes) == static_cast<ssize_t>(bytes) &&
                       pg_fsync(file) == 0;
  if (!written) {
    ereport(LOG, (errcode_for_file_access(), errmsg("could not write \"%s\": %m", kNewRunsFile)));
  }
  if (file >= 0) CloseTransientFile(file);
  return written && durable_rename(kNewRunsFile, kRunsFile, LOG) == 0;
}

void OnAuthentication(Port* port, int status) {
  if (g_next_authentication != nullptr) g_next_authentication(port, status);
  RecordServerRun();
}

bool HasTag(const RunRecord& record, const Uuid& transaction) {
  return std::memcmp(transaction.bytes.data() + kTagPosition, record.tag, kTagBytes) == 0;
}

}  // namespace

void InstallServerRun() {
  g_next_request = shmem_request_hook;
  shmem_request_hook = Request;
  g_next_startup = shmem_startup_hook;
  shmem_startup_hook = Startup;
  g_next_authentication = ClientAuthentication_hook;
  ClientAuthentication_hook = OnAuthentication;
}

Uuid NewTransactionUuid() {
  Uuid uuid = Uuid::Random();
  uuid.bytes[6] = static_cast<uint8_t>(0x80 | (uuid.bytes[6] & 0x0f));
  std::memcpy(uuid.bytes.data() + kTagPosition, g_run->self.tag, kTagBytes);
  return uuid;
}

bool IsOfThisRun(const Uuid& transaction) { return HasTag(g_run->self, transaction); }

void RecordServerRun() {
  if (pg_atomic_read_u32(&g_run->recorded) != 0 || RecoveryInProgress()) return;
  LWLockAcquire(&g_run->lock, LW_EXCLUSIVE);
  if (g_run->self.first_xid == 0) g_run->self.first_xid = ReadFirstXid();
  if (pg_atomic_read_u32(&g_run->recorded) == 0) {
    RunList list = ReadRuns();
    list.records[list.count++] = g_run->self;
    if (list.known && WriteRuns(list)) pg_atomic_write_u32(&g_run->recorded, 1);
    pfree(list.records);
  }
  LWLockRelease(&g_run->lock);
}

uint64_t FirstXidAfterRunOf(const Uuid& transaction) {
  RecordServerRun();
  uint64_t first = g_run->self.first_xid;
  const RunList list = ReadRuns();
  for (size_t i = 0; i + 1 < list.count; ++i) {
    if (HasTag(list.records[i], transaction))
      first = std::min(first, list.records[i + 1].first_xid);
  }
  pfree(list.records);
  return first;
}

}  // namespace tarn::extension
