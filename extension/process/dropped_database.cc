// SPDX-License-Identifier: Apache-2.0
#include "process/dropped_database.h"

#include <cstring>

#include "boundary/guard.h"
#include "definition/settings.h"
#include "process/engine_client.h"
#include "process/server_run.h"
#include "transaction/pointer.h"

extern "C" {
#include <access/htup_details.h>
#include <access/transam.h>
#include <access/xact.h>
#include <catalog/pg_database.h>
#include <commands/dbcommands.h>
#include <postmaster/bgworker.h>
#include <storage/dsm.h>
#include <storage/ipc.h>
#include <utils/acl.h>
#include <utils/snapmgr.h>
#include <utils/syscache.h>
}

namespace tarn::extension {
namespace {

/// What the worker is told: whose drop it is.
struct Errand {
  uint8_t uuid[16];
  uint64_t full_xid;
  dsm_handle answer;  ///< of a uint32: 1 when the tables are in the journal
};
static_assert(sizeof(Errand) <= BGW_EXTRALEN);

/// PostgreSQL itself will refuse the others.
bool MayBeDropped(Oid database) {
  if (!OidIsValid(database) || database == MyDatabaseId) return false;
  if (!object_ownercheck(DatabaseRelationId, database, GetUserId())) return false;
  HeapTuple tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(database));
  if (!HeapTupleIsValid(tuple)) return false;
  const bool is_template = reinterpret_cast<Form_pg_database>(GETSTRUCT(tuple))->datistemplate;
  ReleaseSysCache(tuple);
  return !is_template;
}

void Warn(const char* name) {
  ereport(WARNING, (errmsg("files of the lake tables of database \"%s\" will not be deleted", name),
                    errdetail("The database could not be asked for them.")));
}

void Journal(const Errand& errand) {
  EngineClient& client = EngineClient::Get();
  const Uuid node = client.node();
  lake::Prepare prepare;
  std::memcpy(prepare.transaction.uuid.bytes.data(), errand.uuid, sizeof errand.uuid);
  prepare.transaction.full_xid = errand.full_xid;
  prepare.transaction.database_oid = MyDatabaseId;
  for (const Pointer& pointer : ReadAllPointers()) {
    if (!IsOwnPointer(pointer, node)) continue;
    prepare.dropped.push_back({.place = {.table_oid = pointer.table_oid,
                                         .table_uuid = pointer.table_uuid,
                                         .location = pointer.location},
                               .metadata_location = pointer.metadata_location});
  }
  if (!prepare.dropped.empty()) (void)client.CallMessage(lake::MessageType::kPrepare, prepare);
}

}  // namespace

void JournalDroppedDatabase(const char* name) {
  const Oid database = get_database_oid(name, true);
  if (!MayBeDropped(database) || settings().engine_path[0] == '\0') return;
  Errand errand = {};
  const Uuid uuid = NewTransactionUuid();
  std::memcpy(errand.uuid, uuid.bytes.data(), sizeof errand.uuid);
  errand.full_xid = U64FromFullTransactionId(GetTopFullTransactionId());

  // A worker has no exit status to be asked for.
  dsm_segment* segment = dsm_create(sizeof(uint32), 0);
  auto* answer = static_cast<volatile uint32*>(dsm_segment_address(segment));
  *answer = 0;
  errand.answer = dsm_segment_handle(segment);

  BackgroundWorker worker = {};
  worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
  worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
  worker.bgw_restart_time = BGW_NEVER_RESTART;
  worker.bgw_main_arg = ObjectIdGetDatum(database);
  worker.bgw_notify_pid = MyProcPid;
  strlcpy(worker.bgw_library_name, "tarn", sizeof worker.bgw_library_name);
  strlcpy(worker.bgw_function_name, "tarn_dropped_database_main", sizeof worker.bgw_function_name);
  strlcpy(worker.bgw_name, "tarn dropped database", sizeof worker.bgw_name);
  strlcpy(worker.bgw_type, "tarn dropped database", sizeof worker.bgw_type);
  std::memcpy(worker.bgw_extra, &errand, sizeof errand);
  BackgroundWorkerHandle* handle = nullptr;
  if (RegisterDynamicBackgroundWorker(&worker, &handle) &&
      WaitForBackgroundWorkerShutdown(handle) == BGWH_POSTMASTER_DIED) {
    proc_exit(1);
  }
  const bool journalled = *answer != 0;
  dsm_detach(segment);
  if (!journalled) Warn(name);
}

void DroppedDatabaseMain(unsigned long database_oid) {
  BackgroundWorkerUnblockSignals();
  BackgroundWorkerInitializeConnectionByOid(static_cast<Oid>(database_oid), InvalidOid,
                                            BGWORKER_BYPASS_ALLOWCONN);
  Errand errand;
  std::memcpy(&errand, MyBgworkerEntry->bgw_extra, sizeof errand);
  StartTransactionCommand();
  PushActiveSnapshot(GetTransactionSnapshot());
  Guard([&] {
    if (OidIsValid(PointerTableOid())) Journal(errand);
  });
  dsm_segment* segment = dsm_attach(errand.answer);
  if (segment != nullptr) {  // else nobody waits any more
    *static_cast<volatile uint32*>(dsm_segment_address(segment)) = 1;
    dsm_detach(segment);
  }
  PopActiveSnapshot();
  CommitTransactionCommand();
}

}  // namespace tarn::extension

extern "C" {
PGDLLEXPORT void tarn_dropped_database_main(Datum database_oid);
void tarn_dropped_database_main(Datum database_oid) {
  tarn::extension::DroppedDatabaseMain(static_cast<unsigned long>(database_oid));
}
}
