// SPDX-License-Identifier: Apache-2.0
// What metadata tells, as JSON, for the SQL functions that make rows of it.
#include <cstring>

#include "access_method/lake_relation.h"
#include "boundary/guard.h"
#include "lake/wire_update.h"
#include "process/engine_client.h"
#include "transaction/pointer.h"

extern "C" {
#include <access/relation.h>
#include <catalog/pg_class.h>
#include <utils/acl.h>
#include <utils/builtins.h>
#include <utils/fmgrprotos.h>
#include <utils/jsonb.h>
#include <utils/lsyscache.h>
#include <utils/rel.h>
#include <utils/snapmgr.h>
}

namespace tarn::extension {
namespace {

struct Subject {
  const char* name;
  lake::Description what;
};

constexpr Subject kSubjects[] = {
    {"metadata", lake::Description::kMetadata},   {"snapshots", lake::Description::kSnapshots},
    {"history", lake::Description::kHistory},     {"refs", lake::Description::kRefs},
    {"files", lake::Description::kFiles},         {"partitions", lake::Description::kPartitions},
    {"reachable", lake::Description::kReachable},
};

lake::Description SubjectOf(const char* name) {
  for (const Subject& subject : kSubjects) {
    if (strcmp(subject.name, name) == 0) return subject.what;
  }
  ereport(ERROR,
          (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("nothing is told of \"%s\"", name)));
  pg_unreachable();
}

/// JSON text in palloc'ed memory.
char* Ask(const std::string& location, lake::Description what) {
  const auto answer = EngineClient::Get().Ask<lake::TableDescribed>(
      lake::MessageType::kDescribeTable,
      lake::DescribeTable{.metadata_location = location, .what = what});
  const char* json = answer.json.c_str();
  return Pg([&] { return pstrdup(json); });
}

Datum ToJsonb(char* json) { return DirectFunctionCall1(jsonb_in, CStringGetDatum(json)); }

/// Under the caller's snapshot, as a scan reads it. Null: no metadata yet.
char* AskOfTable(Oid table, lake::Description what) {
  const auto pointer = ReadPointer(table, GetActiveSnapshot());
  return pointer ? Ask(pointer->metadata_location, what) : nullptr;
}

void CheckMayRead(Oid table) {
  if (pg_class_aclcheck(table, GetUserId(), ACL_SELECT) != ACLCHECK_OK) {
    aclcheck_error(ACLCHECK_NO_PRIV, get_relkind_objtype(get_rel_relkind(table)),
                   get_rel_name(table));
  }
  Relation relation = relation_open(table, AccessShareLock);
  if (!IsLakeRelation(relation)) {
    ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                    errmsg("\"%s\" is not a lake table", RelationGetRelationName(relation))));
  }
  relation_close(relation, NoLock);
}

}  // namespace
}  // namespace tarn::extension

extern "C" {
PG_FUNCTION_INFO_V1(tarn_describe_metadata);
PG_FUNCTION_INFO_V1(tarn_describe_table);

Datum tarn_describe_metadata(PG_FUNCTION_ARGS) {
  const char* location = text_to_cstring(PG_GETARG_TEXT_PP(0));
  const auto what = tarn::extension::SubjectOf(text_to_cstring(PG_GETARG_TEXT_PP(1)));
  char* json = tarn::extension::Guard([&] { return tarn::extension::Ask(location, what); });
  return tarn::extension::ToJsonb(json);
}

Datum tarn_describe_table(PG_FUNCTION_ARGS) {
  const Oid table = PG_GETARG_OID(0);
  const auto what = tarn::extension::SubjectOf(text_to_cstring(PG_GETARG_TEXT_PP(1)));
  tarn::extension::CheckMayRead(table);
  char* json = tarn::extension::Guard([&] { return tarn::extension::AskOfTable(table, what); });
  if (json == nullptr) PG_RETURN_NULL();
  return tarn::extension::ToJsonb(json);
}
}
