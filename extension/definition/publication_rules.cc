// SPDX-License-Identifier: Apache-2.0
#include "definition/publication_rules.h"

#include "access_method/lake_relation.h"

extern "C" {
#include <catalog/partition.h>
#include <catalog/pg_class.h>
#include <catalog/pg_inherits.h>
#include <catalog/pg_publication.h>
#include <replication/walsender.h>
#include <utils/lsyscache.h>
}

namespace tarn::extension {
namespace {

/// Materialised views are in no publication anyway.
bool IsPublishable(Oid relation) {
  return get_rel_relkind(relation) == RELKIND_RELATION && IsLakeTable(relation);
}

[[noreturn]] void RefuseMember(Oid relation, const char* publication) {
  ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                  errmsg("lake table \"%s\" cannot be part of publication \"%s\"",
                         get_rel_name(relation), publication),
                  errdetail("Rows of lake tables are not in the write-ahead log, so they would not "
                            "be replicated."),
                  errhint("Publish heap tables by name, or schemas without lake tables; other "
                          "engines read a lake table at its location.")));
  pg_unreachable();
}

/// By itself, or by its schema. InvalidOid if not.
Oid PublicationOf(Oid relation) {
  List* publications = list_concat(GetRelationPublications(relation),
                                   GetSchemaPublications(get_rel_namespace(relation)));
  return publications == NIL ? InvalidOid : linitial_oid(publications);
}

void CheckLakeTableNotPublished(Oid relation) {
  Oid publication = PublicationOf(relation);
  ListCell* cell = nullptr;
  if (get_rel_relispartition(relation)) {
    foreach (cell, get_partition_ancestors(relation)) {
      if (!OidIsValid(publication)) publication = PublicationOf(lfirst_oid(cell));
    }
  }
  if (OidIsValid(publication)) RefuseMember(relation, GetPublication(publication)->name);
}

}  // namespace

void CheckPublication(const char* name) {
  CommandCounterIncrement();
  const Publication* publication = GetPublicationByName(name, true);
  if (publication == nullptr) return;
  if (publication->alltables) {
    ereport(NOTICE, (errmsg("publication \"%s\" leaves lake tables out", name),
                     errdetail("Rows of lake tables are not in the write-ahead log, so they are "
                               "not replicated.")));
    return;
  }
  List* relations =
      list_concat(GetPublicationRelations(publication->oid, PUBLICATION_PART_ALL),
                  GetAllSchemaPublicationRelations(publication->oid, PUBLICATION_PART_ALL));
  ListCell* cell = nullptr;
  foreach (cell, relations) {
    if (IsPublishable(lfirst_oid(cell))) RefuseMember(lfirst_oid(cell), name);
  }
}

void CheckNotPublished(Oid relation) {
  CommandCounterIncrement();
  ListCell* cell = nullptr;
  foreach (cell, find_all_inheritors(relation, NoLock, nullptr)) {
    if (IsPublishable(lfirst_oid(cell))) CheckLakeTableNotPublished(lfirst_oid(cell));
  }
}

void CheckReplicationCopy(Oid relation) {
  if (!am_walsender || !IsLakeTable(relation)) return;
  ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                  errmsg("lake table \"%s\" cannot be replicated", get_rel_name(relation)),
                  errdetail("Rows of lake tables are not in the write-ahead log: changes would not "
                            "follow its first copy."),
                  errhint("Drop the table of this name where the subscription is, or subscribe to "
                          "a publication that does not list it.")));
}

}  // namespace tarn::extension
