// SPDX-License-Identifier: Apache-2.0
#include "warehouse/metastore/grants.h"

namespace tarn::warehouse {
namespace {

template <typename T, typename... Values>
Result<std::vector<T>> ReadAll(const Snapshot& snapshot, std::string_view rest,
                               const Values&... values) {
  const std::string sql = "SELECT " + FieldList<T>("", "") + " FROM " + std::string(rest);
  TARN_ASSIGN(Rows rows, Select(snapshot.connection(), sql, values...));
  std::vector<T> all;
  for (;;) {
    TARN_ASSIGN(const bool more, rows.Next());
    if (!more) return all;
    TARN_TRY(ReadFields(rows, 0, all.emplace_back()));
  }
}

}  // namespace

Result<std::vector<Grant>> GrantsOn(const Snapshot& snapshot, ObjectId object) {
  return ReadAll<Grant>(snapshot, "object_grant WHERE object_id = ? ORDER BY privilege, grantee_id",
                        object);
}

Result<std::vector<Grant>> GrantsTo(const Snapshot& snapshot, ObjectId grantee) {
  return ReadAll<Grant>(snapshot, "object_grant WHERE grantee_id = ? ORDER BY privilege, object_id",
                        grantee);
}

Result<std::vector<RoleGrant>> RolesGrantedTo(const Snapshot& snapshot, ObjectId grantee) {
  return ReadAll<RoleGrant>(snapshot, "role_grant WHERE grantee_id = ? ORDER BY role_id", grantee);
}

Result<std::vector<RoleGrant>> GranteesOf(const Snapshot& snapshot, ObjectId role) {
  return ReadAll<RoleGrant>(snapshot, "role_grant WHERE role_id = ? ORDER BY grantee_id", role);
}

Result<std::vector<FutureGrant>> FutureGrantsIn(const Snapshot& snapshot, ObjectId container) {
  return ReadAll<FutureGrant>(
      snapshot, "future_grant WHERE container_id = ? ORDER BY kind, privilege, grantee_id",
      container);
}

Result<std::vector<FutureGrant>> FutureGrantsTo(const Snapshot& snapshot, ObjectId grantee) {
  return ReadAll<FutureGrant>(
      snapshot, "future_grant WHERE grantee_id = ? ORDER BY container_id, kind, privilege",
      grantee);
}

Result<> AddGrant(Transaction& transaction, const Grant& grant) {
  return Execute(transaction.connection(),
                 "INSERT INTO object_grant (object_id, privilege, grantee_id, with_grant_option, "
                 "grantor_id, created_ms) VALUES (?, ?, ?, ?, ?, ?) "
                 "ON CONFLICT (object_id, grantee_id, privilege) DO UPDATE "
                 "SET with_grant_option = max(with_grant_option, excluded.with_grant_option)",
                 grant.object, grant.privilege, grant.grantee, grant.with_grant_option,
                 grant.grantor, transaction.now_ms());
}

Result<> RemoveGrant(Transaction& transaction, ObjectId object, std::string_view privilege,
                     ObjectId grantee) {
  return Execute(
      transaction.connection(),
      "DELETE FROM object_grant WHERE object_id = ? AND privilege = ? AND grantee_id = ?", object,
      privilege, grantee);
}

Result<> RemoveGrantsOn(Transaction& transaction, ObjectId object) {
  return Execute(transaction.connection(), "DELETE FROM object_grant WHERE object_id = ?", object);
}

Result<> ChangeGrantor(Transaction& transaction, ObjectId object, ObjectId grantor) {
  return Execute(transaction.connection(),
                 "UPDATE object_grant SET grantor_id = ? WHERE object_id = ?", grantor, object);
}

Result<> AddFutureGrant(Transaction& transaction, const FutureGrant& grant) {
  return Execute(transaction.connection(),
                 "INSERT OR REPLACE INTO future_grant (container_id, kind, privilege, grantee_id, "
                 "with_grant_option, created_ms) VALUES (?, ?, ?, ?, ?, ?)",
                 grant.container, grant.kind, grant.privilege, grant.grantee,
                 grant.with_grant_option, transaction.now_ms());
}

Result<> RemoveFutureGrant(Transaction& transaction, const FutureGrant& grant) {
  return Execute(
      transaction.connection(),
      "DELETE FROM future_grant WHERE container_id = ? AND kind = ? AND privilege = ? AND "
      "grantee_id = ?",
      grant.container, grant.kind, grant.privilege, grant.grantee);
}

Result<> AddRoleGrant(Transaction& transaction, const RoleGrant& grant) {
  TARN_TRY(Execute(transaction.connection(),
                   "INSERT OR IGNORE INTO role_grant (role_id, grantee_id, grantor_id, created_ms) "
                   "VALUES (?, ?, ?, ?)",
                   grant.role, grant.grantee, grant.grantor, transaction.now_ms()));
  return transaction.TouchRoles();
}

Result<> RemoveRoleGrant(Transaction& transaction, ObjectId role, ObjectId grantee) {
  TARN_TRY(Execute(transaction.connection(),
                   "DELETE FROM role_grant WHERE role_id = ? AND grantee_id = ?", role, grantee));
  return transaction.TouchRoles();
}

Result<> ChangeRoleGrantor(Transaction& transaction, ObjectId grantee, ObjectId grantor) {
  return Execute(transaction.connection(),
                 "UPDATE role_grant SET grantor_id = ? WHERE grantee_id = ?", grantor, grantee);
}

Result<> ApplyFutureGrants(Transaction& transaction, const ObjectHead& head) {
  TARN_ASSIGN(const auto schema, transaction.Find<Schema>(head.container));
  const bool managed = schema && schema->managed_access;
  // Those of the schema take the place of those of its database, per kind.
  for (ObjectId container = head.container; container != kAccountId;) {
    TARN_ASSIGN(const std::vector<FutureGrant> grants, FutureGrantsIn(transaction, container));
    bool any = false;
    for (const FutureGrant& future : grants) {
      if (future.kind != head.kind) continue;
      any = true;
      if (future.privilege == "OWNERSHIP") {
        if (managed && container != head.container) continue;
        ObjectHead owned = head;
        owned.owner = future.grantee;
        TARN_TRY(transaction.UpdateHead(owned));
        continue;
      }
      TARN_TRY(AddGrant(transaction, {.object = head.id,
                                      .privilege = future.privilege,
                                      .grantee = future.grantee,
                                      .with_grant_option = future.with_grant_option}));
    }
    if (any) return {};
    TARN_ASSIGN(const auto parent, transaction.FindHead(container));
    container = parent ? parent->container : kAccountId;
  }
  return {};
}

}  // namespace tarn::warehouse
