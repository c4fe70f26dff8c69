// SPDX-License-Identifier: Apache-2.0
// Storage generations: making, truncating, copying.
#include "access_method/table_am.h"
#include "boundary/guard.h"
#include "definition/table_definition.h"
#include "definition/table_options.h"
#include "transaction/missing_values.h"
#include "transaction/pending.h"

extern "C" {
#include <access/heapam.h>
#include <access/multixact.h>
#include <catalog/pg_am.h>
#include <catalog/storage.h>
#include <storage/smgr.h>
#include <utils/snapmgr.h>
}

namespace tarn::extension {
namespace {

/// The file stays empty: it makes the number unique as long as PostgreSQL may know it, and
/// pg_upgrade finds what it expects.
void MakeFile(const RelFileLocator* locator, char persistence) {
  SMgrRelation file = RelationCreateStorage(*locator, persistence, true);
  smgrclose(file);
}

void SetNewFilelocator(Relation relation, const RelFileLocator* locator, char persistence,
                       TransactionId* freeze_xid, MultiXactId* min_multi) {
  if (persistence != RELPERSISTENCE_PERMANENT) {
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("lake table \"%s\" cannot be %s", RelationGetRelationName(relation),
                           persistence == RELPERSISTENCE_TEMP ? "temporary" : "unlogged"),
                    errhint("Use the access method heap, or leave %s out.",
                            persistence == RELPERSISTENCE_TEMP ? "TEMPORARY" : "UNLOGGED")));
  }
  ConstrainNumericColumns(relation);
  CheckLakeColumns(relation);
  if (IsNewTable(relation)) CheckLakeColumnClauses(relation);
  // Of course no row carries a transaction id; but age() of 0 would read as the oldest table of
  // all.
  *freeze_xid = RecentXmin;
  *min_multi = GetOldestMultiXactId();
  MakeFile(locator, persistence);
  Guard([&] { NoteNewStorage(relation); });
}

void NontransactionalTruncate(Relation relation) {
  Guard([&] { DiscardRows(relation); });
}

void CopyData(Relation relation, const RelFileLocator* /*locator*/) {
  ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                  errmsg("lake table \"%s\" cannot be moved to another tablespace",
                         RelationGetRelationName(relation)),
                  errhint("Its files are at its location, not in a tablespace.")));
}

/// VACUUM FULL: the files stay as they are, under a new storage generation.
void CopyForCluster(Relation old_table, Relation new_table, Relation /*index*/, bool /*use_sort*/,
                    TransactionId /*oldest_xmin*/, TransactionId* freeze_xid,
                    MultiXactId* multi_cutoff, double* tuples, double* vacuumed,
                    double* recently_dead) {
  Guard([&] {
    NoteCarriedStorage(RelationGetRelid(old_table), old_table->rd_locator.relNumber,
                       new_table->rd_locator.relNumber);
  });
  KeepMissingValues(old_table);
  *freeze_xid = RecentXmin;
  *multi_cutoff = GetOldestMultiXactId();
  *tuples = old_table->rd_rel->reltuples;
  *vacuumed = 0;
  *recently_dead = 0;
}

bool NeedsToast(Relation /*relation*/) { return false; }

Oid ToastAm(Relation /*relation*/) { return HEAP_TABLE_AM_OID; }

}  // namespace

void FillDefinitionCallbacks(TableAmRoutine& routine) {
  routine.relation_set_new_filelocator = SetNewFilelocator;
  routine.relation_nontransactional_truncate = NontransactionalTruncate;
  routine.relation_copy_data = CopyData;
  routine.relation_copy_for_cluster = CopyForCluster;
  routine.relation_needs_toast_table = NeedsToast;
  routine.relation_toast_am = ToastAm;
}

}  // namespace tarn::extension
