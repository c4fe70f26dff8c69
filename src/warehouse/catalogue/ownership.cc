// SPDX-License-Identifier: Apache-2.0
#include "warehouse/catalogue/ownership.h"

#include <algorithm>
#include <array>

#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/grant_targets.h"
#include "warehouse/catalogue/task_graph.h"
#include "warehouse/metastore/grants.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

constexpr const char* kSuspensionReason = "GRANT_OWNERSHIP";

/// Whether `role` is among what `of` has by the hierarchy, itself included.
Result<bool> Includes(const Snapshot& snapshot, ObjectId of, ObjectId role) {
  TARN_ASSIGN(const auto graph, snapshot.Roles());
  const std::array<ObjectId, 1> first = {of};
  return std::ranges::binary_search(graph->Closure(first), role);
}

class Transfer {
 public:
  Transfer(Transaction& transaction, const Caller& caller, const Authority& authority,
           const ObjectHead& role, const OwnershipRequest& request)
      : transaction_(transaction),
        caller_(caller),
        authority_(authority),
        role_(role),
        request_(request) {}

  StatementResult<> Run(const Targets& targets) {
    STATEMENT_ASSIGN(manages_, authority_.ManagesGrants());
    STATEMENT_TRY(CheckNewOwner(targets.kind));
    if (targets.future_in) return MoveFuture(*targets.future_in, targets.kind);
    for (const ObjectHead& object : targets.objects) {
      STATEMENT_TRY(CheckObject(object));
      STATEMENT_TRY(Move(object));
    }
    return {};
  }

 private:
  bool copies() const { return request_.current_grants == CurrentGrants::kCopy; }

  StatementResult<> CheckNewOwner(ObjectKind kind) {
    if (manages_) return {};
    bool has = authority_.HasRole(role_.id);
    if (copies() && !has) return InsufficientPrivileges(ObjectKind::kRole, role_.name);
    if (!has && caller_.user != ObjectId()) {
      STATEMENT_ASSIGN(has, Includes(transaction_, caller_.user, role_.id));
    }
    if (has) return {};
    return std::unexpected(StatementError{
        .error = {ErrorKind::kPermissionDenied,
                  fmt::format("SQL compilation error:\n{} ownership can only be transferred to a "
                              "role that is activated in the current session or by a role with "
                              "account-level MANAGE GRANTS.",
                              FactsOf(kind).sql),
                  {},
                  {}},
        .code = "003001",
        .sqlstate = "42501"});
  }

  /// In a schema with managed access its owner stays above what lies in it.
  StatementResult<> CheckManaged(std::optional<ObjectId> managing_owner) {
    if (!managing_owner) return {};
    STATEMENT_ASSIGN(const bool below, Includes(transaction_, *managing_owner, role_.id));
    if (below) return {};
    return CompilationError("003001", "42501",
                            fmt::format("Ownership of objects in a managed access schema can only "
                                        "be transferred to a subordinate role of the schema owner, "
                                        "which role '{}' is not.",
                                        role_.name));
  }

  StatementResult<> MoveFuture(const ObjectHead& container, ObjectKind kind) {
    STATEMENT_TRY(RequireFutureGrants(transaction_, authority_, container));
    if (request_.current_grants == CurrentGrants::kRevoke) {
      return CompilationError("001003", "42000",
                              "REVOKE CURRENT GRANTS cannot be used with future objects");
    }
    STATEMENT_ASSIGN(const auto schema, transaction_.Find<Schema>(container.id));
    if (schema && schema->managed_access) STATEMENT_TRY(CheckManaged(container.owner));
    STATEMENT_ASSIGN(const auto grants, FutureGrantsIn(transaction_, container.id));
    for (const FutureGrant& grant : grants) {
      if (grant.kind != kind || grant.privilege != kOwnership || grant.grantee == role_.id)
        continue;
      STATEMENT_ASSIGN(const auto grantee, transaction_.FindHead(grant.grantee));
      return CompilationError(
          "003061", "42601",
          fmt::format("A future grant of OWNERSHIP on {} to role '{}' exists. It must be revoked "
                      "first.",
                      FactsOf(kind).sql, grantee ? grantee->name : std::string()));
    }
    STATEMENT_TRY(AddFutureGrant(transaction_, {.container = container.id,
                                                .kind = kind,
                                                .privilege = std::string(kOwnership),
                                                .grantee = role_.id}));
    return {};
  }

  StatementResult<> CheckObject(const ObjectHead& object) {
    const bool system = object.owner == ObjectId();
    if (system || (!manages_ && !authority_.Owns(object))) {
      return InsufficientPrivileges(object.kind, object.name);
    }
    STATEMENT_ASSIGN(const auto managing_owner, ManagingOwner(transaction_, object));
    STATEMENT_TRY(CheckManaged(managing_owner));
    if (object.kind != ObjectKind::kSchema || object.owner == role_.id) return {};
    STATEMENT_ASSIGN(const auto schema, transaction_.Find<Schema>(object.id));
    if (!schema || !schema->managed_access) return {};
    STATEMENT_ASSIGN(const auto futures, FutureGrantsIn(transaction_, object.id));
    if (std::ranges::none_of(
            futures, [](const FutureGrant& grant) { return grant.privilege == kOwnership; })) {
      return {};
    }
    return CompilationError("003061", "42601",
                            fmt::format("Future grants of OWNERSHIP in managed access schema '{}' "
                                        "must be revoked first.",
                                        object.name));
  }

  StatementResult<> Move(const ObjectHead& object) {
    STATEMENT_TRY(object.kind == ObjectKind::kRole ? MoveRoleGrants(object) : MoveGrants(object));
    if (object.kind == ObjectKind::kTask) STATEMENT_TRY(MoveTask(object));
    ObjectHead changed = object;
    changed.owner = role_.id;
    STATEMENT_TRY(transaction_.UpdateHead(changed));
    return {};
  }

  StatementResult<> MoveGrants(const ObjectHead& object) {
    STATEMENT_ASSIGN(const auto grants, GrantsOn(transaction_, object.id));
    if (grants.empty()) return {};
    switch (request_.current_grants) {
      case CurrentGrants::kMustBeNone:
        return DependentGrant(transaction_, grants.front(), object);
      case CurrentGrants::kRevoke:
        STATEMENT_TRY(RemoveGrantsOn(transaction_, object.id));
        return {};
      case CurrentGrants::kCopy:
        STATEMENT_TRY(ChangeGrantor(transaction_, object.id, role_.id));
        return {};
    }
    return {};
  }

  /// Of a role its current grants are the roles that it has been granted.
  StatementResult<> MoveRoleGrants(const ObjectHead& role) {
    if (request_.current_grants == CurrentGrants::kMustBeNone) return {};
    if (copies()) {
      STATEMENT_TRY(ChangeRoleGrantor(transaction_, role.id, role_.id));
      return {};
    }
    STATEMENT_ASSIGN(const auto children, RolesGrantedTo(transaction_, role.id));
    for (const RoleGrant& child : children) {
      STATEMENT_TRY(RemoveRoleGrant(transaction_, child.role, role.id));
    }
    return {};
  }

  StatementResult<> MoveTask(const ObjectHead& task) {
    const bool alone = std::holds_alternative<OnObject>(request_.target);
    if (alone && !copies()) STATEMENT_TRY(RequireSuspended(task));
    STATEMENT_TRY(SuspendTask(transaction_, task.id, kSuspensionReason));
    if (!alone || task.owner == role_.id) return {};
    // Tasks of a graph have one owner: what moves alone leaves its graph.
    STATEMENT_TRY(SeverTask(transaction_, task.id));
    STATEMENT_ASSIGN(auto definition, transaction_.Find<Task>(task.id));
    definition->predecessors.clear();
    definition->finalizes.reset();
    STATEMENT_TRY(transaction_.Update(task.id, *definition));
    return {};
  }

  StatementResult<> RequireSuspended(const ObjectHead& task) {
    STATEMENT_TRY(RequireSuspendedRoots(transaction_, {task.id}));
    STATEMENT_ASSIGN(const auto definition, transaction_.Find<Task>(task.id));
    if (!definition || definition->state == TaskState::kSuspended) return {};
    STATEMENT_ASSIGN(const std::string name, transaction_.QualifiedName(task.id));
    return std::unexpected(StatementError{
        .error = {ErrorKind::kInvalidArgument,
                  fmt::format("Unable to transfer ownership of task {} since it is not suspended.",
                              name),
                  {},
                  {}},
        .code = "091421",
        .sqlstate = "22000"});
  }

  Transaction& transaction_;
  const Caller& caller_;
  const Authority& authority_;
  const ObjectHead& role_;
  const OwnershipRequest& request_;
  bool manages_ = false;
};

}  // namespace

StatementResult<> GrantOwnership(Transaction& transaction, const Caller& caller,
                                 const OwnershipRequest& request) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(transaction, caller));
  STATEMENT_ASSIGN(const ObjectHead role,
                   FindPrincipal(transaction, ObjectKind::kRole, request.role));
  if (std::holds_alternative<OnAccount>(request.target)) {
    return InsufficientPrivileges(ObjectKind::kAccount, "");
  }
  STATEMENT_ASSIGN(const Targets targets,
                   FindTargets(transaction, caller, authority, request.target));
  return Transfer(transaction, caller, authority, role, request).Run(targets);
}

}  // namespace tarn::warehouse
