// SPDX-License-Identifier: Apache-2.0
// Only notes which relations DDL touched: at commit they are compared with the catalog
// (commit_driver.cc).
#include "definition/object_access.h"

#include "boundary/guard.h"
#include "definition/row_type_changes.h"
#include "transaction/pending.h"
#include "transaction/pointer_table.h"

extern "C" {
#include <catalog/objectaccess.h>
#include <catalog/pg_class.h>
#include <storage/lmgr.h>
#include <utils/lsyscache.h>
}

namespace tarn::extension {
namespace {

object_access_hook_type g_next_hook = nullptr;

bool MayBeLakeTable(Oid relation) {
  const char kind = get_rel_relkind(relation);
  // One that was just made is not in the caches yet.
  return kind == RELKIND_RELATION || kind == RELKIND_MATVIEW || kind == '\0';
}

void Note(ObjectAccessType access, Oid relation) {
  // While the extension itself is made, dropped or updated, it may be missing.
  const Oid pointer_table = FindPointerTable();
  if (!OidIsValid(pointer_table) || IsBinaryUpgrade) return;
  if (access == OAT_DROP) {
    if (relation == pointer_table) {
      Guard([] { NoteExtensionDropped(); });
    } else if (MayBeLakeTable(relation)) {
      Guard([&] { NoteDropped(relation); });
    }
  } else if (relation != pointer_table && MayBeLakeTable(relation)) {
    Guard([&] { NoteAltered(relation); });
  }
}

void OnObjectAccess(ObjectAccessType access, Oid class_id, Oid object_id, int sub_id,
                    void* argument) {
  if (g_next_hook != nullptr) g_next_hook(access, class_id, object_id, sub_id, argument);
  if (class_id != RelationRelationId) return;
  if (sub_id > 0 && (access == OAT_POST_CREATE || access == OAT_POST_ALTER || access == OAT_DROP)) {
    NoteAttributeChange(object_id);
  }
  // Dropping a column is an alteration of the table.
  if (access == OAT_DROP) {
    Note(sub_id == 0 ? OAT_DROP : OAT_POST_ALTER, object_id);
  } else if (access == OAT_POST_ALTER || (access == OAT_POST_CREATE && sub_id != 0)) {
    Note(OAT_POST_ALTER, object_id);
  }
}

}  // namespace

void InstallObjectAccessHook() {
  g_next_hook = object_access_hook;
  object_access_hook = OnObjectAccess;
}

}  // namespace tarn::extension
