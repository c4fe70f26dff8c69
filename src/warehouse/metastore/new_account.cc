// SPDX-License-Identifier: Apache-2.0
#include "warehouse/metastore/new_account.h"

#include <array>

#include "warehouse/objects/privilege.h"

namespace tarn::warehouse {
namespace {

constexpr std::array kOfSysAdmin = {"CREATE DATABASE", "CREATE WAREHOUSE"};
constexpr std::array kOfSecurityAdmin = {kManageGrants, std::string_view("CREATE NETWORK POLICY")};
constexpr std::array kOfUserAdmin = {"CREATE ROLE", "CREATE USER"};

class Maker {
 public:
  explicit Maker(Transaction& transaction) : transaction_(transaction) {}

  Result<ObjectId> Make(std::string name, ObjectId owner, const Definition& definition) {
    return transaction_.Insert({.name = std::move(name), .owner = owner}, definition);
  }
  Result<> GrantRole(ObjectId role, ObjectId grantee) {
    return Execute(transaction_.connection(),
                   "INSERT INTO role_grant (role_id, grantee_id, grantor_id, created_ms) "
                   "VALUES (?, ?, 0, ?)",
                   role, grantee, transaction_.now_ms());
  }
  Result<> Grant(std::string_view privilege, ObjectId object, ObjectId grantee) {
    return Execute(transaction_.connection(),
                   "INSERT INTO object_grant (object_id, privilege, grantee_id, with_grant_option, "
                   "grantor_id, created_ms) VALUES (?, ?, ?, 0, 0, ?)",
                   object, privilege, grantee, transaction_.now_ms());
  }

 private:
  Transaction& transaction_;
};

}  // namespace

Result<> MakeAccount(Transaction& transaction) {
  Connection& connection = transaction.connection();
  TARN_TRY(
      Execute(connection,
              "INSERT INTO metastore (one, version, role_version, created_ms) VALUES (1, 1, 1, ?)",
              transaction.now_ms()));
  TARN_TRY(Execute(connection, "INSERT INTO sqlite_sequence (name, seq) VALUES ('object', ?)",
                   kFirstObjectId - 1));
  Maker maker(transaction);
  const Role system{.system = true};
  TARN_ASSIGN(const ObjectId account_admin, maker.Make(kAccountAdmin, ObjectId(), system));
  TARN_ASSIGN(const ObjectId security_admin, maker.Make(kSecurityAdmin, ObjectId(), system));
  TARN_ASSIGN(const ObjectId user_admin, maker.Make(kUserAdmin, ObjectId(), system));
  TARN_ASSIGN(const ObjectId sys_admin, maker.Make(kSysAdmin, ObjectId(), system));
  TARN_TRY(maker.Make(kPublicRole, ObjectId(), system));
  TARN_TRY(maker.GrantRole(security_admin, account_admin));
  TARN_TRY(maker.GrantRole(sys_admin, account_admin));
  TARN_TRY(maker.GrantRole(user_admin, security_admin));
  // The administrator has whatever can be granted on the account, but for what is inherited.
  for (const std::string_view privilege : PrivilegesOn(ObjectKind::kAccount)) {
    if (privilege != kManageGrants) TARN_TRY(maker.Grant(privilege, kAccountId, account_admin));
  }
  for (const auto& name : kOfSysAdmin) TARN_TRY(maker.Grant(name, kAccountId, sys_admin));
  for (const auto& name : kOfSecurityAdmin) TARN_TRY(maker.Grant(name, kAccountId, security_admin));
  for (const auto& name : kOfUserAdmin) TARN_TRY(maker.Grant(name, kAccountId, user_admin));

  User user{.login_name = kFirstUser, .display_name = kFirstUser};
  user.default_role = kAccountAdmin;
  user.default_warehouse = kFirstWarehouse;
  TARN_ASSIGN(const ObjectId first_user, maker.Make(kFirstUser, account_admin, user));
  TARN_TRY(maker.GrantRole(account_admin, first_user));
  const VirtualWarehouse warehouse{.resumed_ms = transaction.now_ms()};
  TARN_ASSIGN(const ObjectId compute, maker.Make(kFirstWarehouse, account_admin, warehouse));
  TARN_ASSIGN(const auto everybody, transaction.FindNamed(kAccountId, "role", kPublicRole));
  return maker.Grant(kUsage, compute, everybody->id);
}

}  // namespace tarn::warehouse
