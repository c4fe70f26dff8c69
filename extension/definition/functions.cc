// SPDX-License-Identifier: Apache-2.0
// The functions of schema tarn.
#include "access_method/lake_relation.h"
#include "boundary/guard.h"
#include "process/engine_client.h"
#include "transaction/lake_transaction.h"
#include "transaction/pointer.h"

extern "C" {
#include <access/relation.h>
#include <catalog/pg_class.h>
#include <funcapi.h>
#include <utils/acl.h>
#include <utils/builtins.h>
#include <utils/lsyscache.h>
#include <utils/uuid.h>
}

namespace tarn::extension {
namespace {

/// Makes the pointer row ours. The owner of the location in the lake follows when the transaction
/// commits, as the last of what it does (commit_driver.cc).
void Adopt(Oid table_oid) {
  EngineClient& client = EngineClient::Get();
  const Uuid node = client.node();
  LockPointer(table_oid);
  auto pointer = ReadNewestPointer(table_oid);
  if (!pointer) {
    throw LakeError(Error{ErrorKind::kNotFound, "the table has no location yet", {}, {}});
  }
  // Also where the row says so already: a copy may have adopted the table meanwhile.
  TouchedTable& table = LakeTransaction::Current().Table(table_oid);
  if (table.adopted_in == InvalidSubTransactionId) table.adopted_in = GetCurrentSubTransactionId();
  if (IsOwnPointer(*pointer, node)) return;
  pointer->database_oid = MyDatabaseId;
  pointer->node = node;
  UpdatePointer(*pointer);
  Pg([] { CommandCounterIncrement(); });
}

void CheckOwner(Oid table) {
  const char* name = get_rel_name(table);
  if (name == nullptr) {
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
                    errmsg("relation with OID %u does not exist", table)));
  }
  if (!object_ownercheck(RelationRelationId, table, GetUserId()))
    aclcheck_error(ACLCHECK_NOT_OWNER, get_relkind_objtype(get_rel_relkind(table)), name);
}

struct EngineStatus {
  bool running;
  pg_uuid_t node;
  char message[512];
};

void AskEngine(EngineStatus* status) {
  try {
    EngineClient& client = EngineClient::Get();
    (void)client.CallEmpty(lake::MessageType::kPing);
    status->running = true;
    std::memcpy(status->node.data, client.node().bytes.data(), UUID_LEN);
  } catch (const LakeError& e) {
    strlcpy(status->message, e.error().message.c_str(), sizeof status->message);
  }
}

}  // namespace
}  // namespace tarn::extension

extern "C" {
PG_FUNCTION_INFO_V1(tarn_adopt_table);
PG_FUNCTION_INFO_V1(tarn_engine_status);

Datum tarn_adopt_table(PG_FUNCTION_ARGS) {
  const Oid table = PG_GETARG_OID(0);
  // Before the lock: who does not own the table shall keep nobody waiting.
  tarn::extension::CheckOwner(table);
  // A lock that keeps writers out: they have read who owns the table.
  Relation relation = relation_open(table, ShareRowExclusiveLock);
  tarn::extension::CheckOwner(table);
  if (!tarn::extension::IsLakeRelation(relation)) {
    ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                    errmsg("\"%s\" is not a lake table", RelationGetRelationName(relation))));
  }
  tarn::extension::Guard([&] { tarn::extension::Adopt(table); });
  relation_close(relation, NoLock);
  PG_RETURN_VOID();
}

Datum tarn_engine_status(PG_FUNCTION_ARGS) {
  TupleDesc descriptor = nullptr;
  if (get_call_result_type(fcinfo, nullptr, &descriptor) != TYPEFUNC_COMPOSITE)
    elog(ERROR, "row type expected");
  tarn::extension::EngineStatus status = {};
  tarn::extension::Guard([&] { tarn::extension::AskEngine(&status); });
  Datum values[3] = {BoolGetDatum(status.running), UUIDPGetDatum(&status.node),
                     PointerGetDatum(cstring_to_text(status.message))};
  bool nulls[3] = {false, !status.running, status.message[0] == '\0'};
  PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls)));
}
}
