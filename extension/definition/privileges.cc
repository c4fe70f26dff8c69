// SPDX-License-Identifier: Apache-2.0
#include "definition/privileges.h"

#include <cstring>

extern "C" {
#include <nodes/parsenodes.h>
#include <utils/acl.h>
}

namespace tarn::extension {
namespace {

constexpr char kWriteRole[] = "lake_write";
constexpr const char* kRoles[] = {"lake_read", kWriteRole, "lake_read_write"};

void CheckNotReserved(const char* name) {
  for (const char* reserved : kRoles) {
    if (name == nullptr || strcmp(name, reserved) != 0 || superuser()) continue;
    ereport(ERROR, (errcode(ERRCODE_RESERVED_NAME), errmsg("role name \"%s\" is reserved", name),
                    errhint("CREATE EXTENSION tarn makes this role; a superuser grants it.")));
  }
}

}  // namespace

bool MayPlaceTables(Oid role) {
  if (superuser_arg(role)) return true;
  const Oid writers = get_role_oid(kWriteRole, true);
  return OidIsValid(writers) && has_privs_of_role(role, writers);
}

void CheckMayPlaceTable(const char* table) {
  if (MayPlaceTables(GetUserId())) return;
  ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                  errmsg("permission denied to make lake table \"%s\"", table),
                  errdetail("Only roles with the privileges of the \"%s\" role may place tables in "
                            "the lake.",
                            kWriteRole),
                  errhint("%s", kPlaceTablesHint)));
}

void CheckRoleName(Node* statement) {
  if (IsA(statement, CreateRoleStmt))
    CheckNotReserved(reinterpret_cast<CreateRoleStmt*>(statement)->role);
  if (IsA(statement, RenameStmt)) {
    const auto* rename = reinterpret_cast<RenameStmt*>(statement);
    if (rename->renameType == OBJECT_ROLE) {
      CheckNotReserved(rename->subname);
      CheckNotReserved(rename->newname);
    }
  }
}

}  // namespace tarn::extension
