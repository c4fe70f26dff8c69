// SPDX-License-Identifier: Apache-2.0
#include "warehouse/connector/installation.h"

#include <algorithm>
#include <array>

#include "warehouse/catalogue/drop.h"
#include "warehouse/connector/connector_procedures.h"
#include "warehouse/connector/connector_views.h"
#include "warehouse/metastore/capture_records.h"
#include "warehouse/metastore/grants.h"
#include "warehouse/metastore/new_account.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/objects/privilege.h"

namespace tarn::warehouse {
namespace {

constexpr const char* kVersion = "V6";
constexpr std::array kApplicationRoles = {kApplicationAdmin, kApplicationAgent, kApplicationReader,
                                          kApplicationViewer};

class Installer {
 public:
  Installer(Transaction& transaction, ObjectId owner) : transaction_(transaction), owner_(owner) {}

  StatementResult<ObjectId> Install(std::string_view name) {
    STATEMENT_ASSIGN(const auto taken,
                     transaction_.FindNamed(kAccountId, FamilyOf(ObjectKind::kApplication), name));
    if (taken) return AlreadyExists(name);
    STATEMENT_ASSIGN(application_, transaction_.Insert(
                                       {.name = std::string(name), .owner = owner_},
                                       Application{.source = kConnectorName, .version = kVersion}));
    STATEMENT_TRY(MakeRoles());
    STATEMENT_TRY(MakeSchemas());
    STATEMENT_TRY(MakeContents());
    // For destinations that are not there yet.
    STATEMENT_TRY(Grant(kAccountId, "CREATE DATABASE", application_));
    STATEMENT_TRY(MakeSurroundings());
    STATEMENT_TRY(transaction_.TouchRoles());
    return application_;
  }

  /// What an earlier version of this program did not make.
  Result<> Complete(const ObjectHead& application) {
    application_ = application.id;
    const auto schema =
        transaction_.FindNamed(application_, FamilyOf(ObjectKind::kSchema), kPublicSchema);
    if (!schema) return std::unexpected(schema.error());
    // Whoever took it away wants nothing in it.
    if (!*schema) return {};
    schema_ = (*schema)->id;
    for (size_t i = 0; i < kApplicationRoles.size(); ++i) {
      TARN_ASSIGN(const ObjectHead role,
                  ApplicationRole(transaction_, application_, kApplicationRoles[i]));
      roles_[i] = role.id;
    }
    return MakeContents();
  }

 private:
  /// Views and procedures that are not there yet.
  Result<> MakeContents() {
    for (const ConnectorView& view : ConnectorViews()) {
      TARN_ASSIGN(const auto there,
                  transaction_.FindNamed(schema_, FamilyOf(ObjectKind::kView), view.name));
      if (!there) TARN_TRY(MakeView(view));
    }
    for (const ConnectorProcedure& procedure : ConnectorProcedures()) {
      TARN_ASSIGN(const auto there,
                  transaction_.FindNamed(schema_, FamilyOf(ObjectKind::kProcedure), procedure.name,
                                         SignatureOf(procedure.arguments())));
      if (!there) TARN_TRY(MakeProcedure(procedure));
    }
    return {};
  }

  Result<> Grant(ObjectId object, std::string_view privilege, ObjectId grantee) {
    return AddGrant(transaction_, {.object = object,
                                   .privilege = std::string(privilege),
                                   .grantee = grantee,
                                   .grantor = application_,
                                   .created_ms = transaction_.now_ms()});
  }
  Result<> GrantRole(ObjectId role, ObjectId grantee) {
    return AddRoleGrant(transaction_,
                        {.role = role, .grantee = grantee, .grantor = owner_, .created_ms = 0});
  }
  ObjectId RoleOf(std::string_view name) const {
    return roles_[static_cast<size_t>(std::ranges::find(kApplicationRoles, name) -
                                      kApplicationRoles.begin())];
  }

  Result<> MakeRoles() {
    for (size_t i = 0; i < kApplicationRoles.size(); ++i) {
      TARN_ASSIGN(roles_[i], transaction_.Insert({.container = application_,
                                                  .name = kApplicationRoles[i],
                                                  .owner = application_},
                                                 Role{}));
      TARN_TRY(GrantRole(roles_[i], owner_));
    }
    return {};
  }

  Result<> MakeSchemas() {
    TARN_TRY(
        transaction_.Insert({.container = application_, .name = kInformationSchema}, Schema{}));
    TARN_ASSIGN(
        schema_,
        transaction_.Insert(
            {.container = application_, .name = kPublicSchema, .owner = application_}, Schema{}));
    for (const char* role : {kApplicationAdmin, kApplicationAgent, kApplicationViewer}) {
      TARN_TRY(Grant(application_, kUsage, RoleOf(role)));
      TARN_TRY(Grant(schema_, kUsage, RoleOf(role)));
    }
    return {};
  }

  Result<> MakeView(const ConnectorView& view) {
    View made{.secure = true};
    for (const MadeColumn& column : view.columns()) {
      made.columns.push_back({.name = column.name, .type = column.type});
    }
    TARN_ASSIGN(
        const ObjectId id,
        transaction_.Insert(
            {.container = schema_, .name = std::string(view.name), .owner = application_}, made));
    TARN_TRY(Grant(id, kSelect, RoleOf(kApplicationAdmin)));
    if (!view.for_viewers) return {};
    return Grant(id, kSelect, RoleOf(kApplicationViewer));
  }

  Result<> MakeProcedure(const ConnectorProcedure& procedure) {
    Procedure made;
    made.arguments = procedure.arguments();
    made.returns =
        sql::DataType{.kind = sql::DataTypeKind::kVarchar, .length = sql::kVarcharLengthDefault};
    made.secure = true;
    TARN_ASSIGN(const ObjectId id, transaction_.Insert({.container = schema_,
                                                        .name = std::string(procedure.name),
                                                        .signature = SignatureOf(made.arguments),
                                                        .owner = application_},
                                                       made));
    return Grant(id, kUsage, RoleOf(kApplicationAdmin));
  }

  Result<> MakeSurroundings() {
    for (const char* name : {kAgentRole, kAgentAdminRole}) {
      TARN_ASSIGN(const ObjectId role, EnsureRole(name));
      if (std::string_view(name) != kAgentRole) continue;
      TARN_TRY(GrantRole(RoleOf(kApplicationAgent), role));
    }
    TARN_ASSIGN(
        const auto warehouse,
        transaction_.FindNamed(kAccountId, FamilyOf(ObjectKind::kWarehouse), kConnectorWarehouse));
    if (warehouse) return {};
    TARN_ASSIGN(const ObjectId made,
                transaction_.Insert({.name = kConnectorWarehouse, .owner = owner_},
                                    VirtualWarehouse{.resumed_ms = transaction_.now_ms()}));
    return Grant(made, kUsage, application_);
  }

  Result<ObjectId> EnsureRole(const char* name) {
    TARN_ASSIGN(const auto head,
                transaction_.FindNamed(kAccountId, FamilyOf(ObjectKind::kRole), name));
    if (head) return head->id;
    TARN_ASSIGN(const ObjectId role, transaction_.Insert({.name = name, .owner = owner_}, Role{}));
    TARN_TRY(GrantRole(role, owner_));
    return role;
  }

  Transaction& transaction_;
  const ObjectId owner_;
  ObjectId application_, schema_;
  std::array<ObjectId, kApplicationRoles.size()> roles_;
};

/// What is outside of it and has no owner among what is dropped: containers before their contents.
Result<std::vector<ObjectHead>> OwnedOutside(const Snapshot& snapshot, ObjectId application) {
  TARN_ASSIGN(auto owned, snapshot.Heads("WHERE o.owner_id = ? ORDER BY o.id", application));
  std::vector<ObjectHead> outside;
  for (ObjectHead& head : owned) {
    ObjectId at = head.container;
    bool inside = false;
    while (at != kAccountId && !inside) {
      inside = at == application;
      TARN_ASSIGN(const auto parent, snapshot.FindHead(at));
      at = parent ? parent->container : kAccountId;
    }
    if (!inside) outside.push_back(std::move(head));
  }
  return outside;
}

Result<> EraseWithContents(Transaction& transaction, const ObjectHead& head) {
  TARN_ASSIGN(const auto contents, transaction.Heads("WHERE o.container_id = ?", head.id));
  for (const ObjectHead& content : contents) TARN_TRY(EraseWithContents(transaction, content));
  return transaction.Erase(head.id);
}

}  // namespace

StatementResult<ObjectId> InstallConnector(Transaction& transaction, std::string_view name,
                                           ObjectId owner) {
  return Installer(transaction, owner).Install(name);
}

Result<> InstallPendingApplications(Metastore& metastore) {
  {
    TARN_ASSIGN(const auto snapshot, metastore.Read());
    TARN_ASSIGN(const auto pending, PendingApplications(*snapshot));
    if (pending.empty()) return {};
  }
  return WithoutCode(metastore.Commit([](Transaction& transaction) -> StatementResult<> {
    STATEMENT_ASSIGN(const auto pending, PendingApplications(transaction));
    STATEMENT_ASSIGN(const auto admin,
                     transaction.FindNamed(kAccountId, FamilyOf(ObjectKind::kRole), kAccountAdmin));
    if (!admin) {
      return std::unexpected(AsStatementError(
          Error{ErrorKind::kCorruption, "the account has no ACCOUNTADMIN", {}, {}}));
    }
    for (const std::string& name : pending) {
      const auto installed = InstallConnector(transaction, name, admin->id);
      const bool taken = !installed && installed.error().error.kind == ErrorKind::kAlreadyExists;
      if (!installed && !taken) return std::unexpected(installed.error());
      STATEMENT_TRY(ForgetPendingApplication(transaction, name));
    }
    return {};
  }));
}

Result<> CompleteApplications(Metastore& metastore) {
  return WithoutCode(metastore.CommitQuietly([](Transaction& transaction) -> StatementResult<> {
    STATEMENT_ASSIGN(const auto applications,
                     transaction.Heads("WHERE o.kind = 'application' ORDER BY o.id"));
    for (const ObjectHead& application : applications) {
      STATEMENT_TRY(Installer(transaction, application.owner).Complete(application));
    }
    return {};
  }));
}

Result<ObjectHead> ApplicationRole(const Snapshot& snapshot, ObjectId application,
                                   std::string_view name) {
  TARN_ASSIGN(auto head, snapshot.FindNamed(application, FamilyOf(ObjectKind::kRole), name));
  if (head) return *std::move(head);
  return Fail(ErrorKind::kCorruption, "an application has no role {}", name);
}

StatementResult<> RemoveApplication(Transaction& transaction, const Caller& caller,
                                    const ObjectHead& application, bool cascade) {
  STATEMENT_ASSIGN(auto owned, OwnedOutside(transaction, application.id));
  const auto living = std::ranges::find_if(
      owned, [](const ObjectHead& head) { return !head.dropped_ms.has_value(); });
  if (!cascade && living != owned.end()) {
    STATEMENT_ASSIGN(const std::string example, transaction.QualifiedName(living->id));
    return CompilationError(
        "093089", "2BP01",
        fmt::format("Application '{}' owns objects outside of itself, such as {}. Drop it with "
                    "CASCADE, or transfer their ownership first.",
                    application.name, example));
  }
  for (ObjectHead& head : owned) {
    head.owner = caller.role;
    STATEMENT_TRY(transaction.UpdateHead(head));
    STATEMENT_ASSIGN(const bool alive, transaction.IsAlive(head.id));
    // What lies in something that was dropped a moment ago is dead with it, and comes back with it.
    if (!alive) continue;
    STATEMENT_TRY(RemoveObject(transaction, caller, head, DropBehaviour::kCascade));
  }
  // As when a role is dropped: what it granted stays granted, by who drops it.
  STATEMENT_TRY(Execute(transaction.connection(),
                        "UPDATE object_grant SET grantor_id = ? WHERE grantor_id = ?", caller.role,
                        application.id));
  STATEMENT_TRY(EraseWithContents(transaction, application));
  STATEMENT_TRY(transaction.TouchRoles());
  return {};
}

}  // namespace tarn::warehouse
