// SPDX-License-Identifier: Apache-2.0
#include "warehouse/catalogue/grant_targets.h"

#include <algorithm>

#include "warehouse/catalogue/names.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

constexpr const char* kAction = "GRANT";

StatementResult<Targets> FindContents(const Snapshot& snapshot, const Caller& caller,
                                      const Authority& authority, const OnContents& contents) {
  STATEMENT_ASSIGN(const ObjectHead container,
                   Resolve(snapshot, caller, authority, contents.container_kind, contents.container,
                           kAction, NameUse::kTell));
  Targets targets{.kind = contents.kind};
  if (contents.future) {
    targets.future_in = container;
    return targets;
  }
  const bool direct = container.kind == ObjectKind::kSchema || contents.kind == ObjectKind::kSchema;
  STATEMENT_ASSIGN(
      targets.objects,
      direct ? snapshot.Heads("WHERE o.container_id = ? AND o.kind = ? AND "
                              "o.dropped_ms IS NULL ORDER BY o.id",
                              container.id, contents.kind)
             : snapshot.Heads("WHERE o.container_id IN (SELECT id FROM object WHERE "
                              "container_id = ? AND kind = 'schema' AND dropped_ms IS NULL) "
                              "AND o.kind = ? AND o.dropped_ms IS NULL ORDER BY o.id",
                              container.id, contents.kind));
  std::erase_if(targets.objects,
                [](const ObjectHead& head) { return head.name == kInformationSchema; });
  return targets;
}

StatementFailure NotExecuted(std::string_view what, std::string code) {
  return std::unexpected(
      StatementError{.error = {ErrorKind::kPermissionDenied,
                               fmt::format("{} not executed: Insufficient privileges.", what),
                               {},
                               {}},
                     .code = std::move(code),
                     .sqlstate = "42501"});
}

}  // namespace

StatementResult<Targets> FindTargets(const Snapshot& snapshot, const Caller& caller,
                                     const Authority& authority, const GrantTarget& target) {
  if (std::holds_alternative<OnAccount>(target)) {
    ObjectHead account{.id = kAccountId, .kind = ObjectKind::kAccount};
    return Targets{.objects = {std::move(account)}};
  }
  if (const auto* object = std::get_if<OnObject>(&target)) {
    STATEMENT_ASSIGN(ObjectHead head, Resolve(snapshot, caller, authority, object->kind,
                                              object->name, kAction, NameUse::kTell));
    return Targets{.objects = {std::move(head)}, .kind = object->kind};
  }
  return FindContents(snapshot, caller, authority, std::get<OnContents>(target));
}

StatementResult<ObjectHead> FindPrincipal(const Snapshot& snapshot, ObjectKind kind,
                                          const std::string& name) {
  STATEMENT_ASSIGN(auto head, snapshot.FindNamed(kAccountId, FamilyOf(kind), name));
  if (!head || head->kind != kind) return DoesNotExist(kind, name);
  return *std::move(head);
}

StatementResult<ObjectHead> FindGrantedRole(const Snapshot& snapshot,
                                            const RoleGrantRequest& request) {
  if (!request.application) return FindPrincipal(snapshot, ObjectKind::kRole, request.role);
  STATEMENT_ASSIGN(const ObjectHead application,
                   FindPrincipal(snapshot, ObjectKind::kApplication, *request.application));
  STATEMENT_ASSIGN(auto role,
                   snapshot.FindNamed(application.id, FamilyOf(ObjectKind::kRole), request.role));
  if (!role) return DoesNotExist(ObjectKind::kRole, *request.application + "." + request.role);
  return *std::move(role);
}

StatementResult<> RequireFutureGrants(const Snapshot& snapshot, const Authority& authority,
                                      const ObjectHead& container) {
  STATEMENT_ASSIGN(const bool manages, authority.ManagesGrants());
  if (manages) return {};
  STATEMENT_ASSIGN(const auto schema, snapshot.Find<Schema>(container.id));
  if (schema && schema->managed_access && authority.Owns(container)) return {};
  return InsufficientPrivileges(container.kind, container.name);
}

Result<std::optional<ObjectId>> ManagingOwner(const Snapshot& snapshot, const ObjectHead& head) {
  if (FactsOf(head.kind).level != ContainerLevel::kSchema) return std::optional<ObjectId>();
  TARN_ASSIGN(const auto schema, snapshot.Find<Schema>(head.container));
  if (!schema || !schema->managed_access) return std::optional<ObjectId>();
  TARN_ASSIGN(const auto container, snapshot.FindHead(head.container));
  return std::optional<ObjectId>(container->owner);
}

StatementFailure GrantNotExecuted() { return NotExecuted("Grant", "003102"); }

StatementFailure RevokeNotExecuted() { return NotExecuted("Revoke", "003103"); }

StatementFailure DependentGrant(const Snapshot& snapshot, const Grant& grant,
                                const ObjectHead& object) {
  const auto grantee = snapshot.FindHead(grant.grantee);
  return CompilationError(
      "003036", "42501",
      fmt::format(
          "Dependent grant of privilege '{}' on securable '{}' to role '{}' exists. It must "
          "be revoked first. More than one dependent grant may exist: use 'SHOW GRANTS' "
          "command to view them. To revoke all dependent grants while transferring "
          "object ownership, use convenience command 'GRANT OWNERSHIP ON <target_objects> "
          "TO <target_role> REVOKE CURRENT GRANTS'.",
          grant.privilege, object.name, grantee && *grantee ? (*grantee)->name : std::string()));
}

}  // namespace tarn::warehouse
