// SPDX-License-Identifier: Apache-2.0
// GRANT and REVOKE.
#include <algorithm>

#include "warehouse/catalogue/ownership.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/statements/grant_target.h"
#include "warehouse/statements/object_statements.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

/// By its words, singular.
StatementResult<ObjectKind> KindNamed(std::string_view words) {
  for (const syntax::ObjectKindWords& each : syntax::ObjectKinds()) {
    if (each.singular == words || each.plural == words) return RequireKind(each.kind, "GRANT ON");
  }
  return UnsupportedFeature(fmt::format("GRANT ON {}", words));
}

StatementResult<GrantTarget> TargetOf(const StatementContext& context,
                                      const syntax::GrantTarget& written) {
  if (written.kind == "ACCOUNT") return OnAccount{};
  if (!written.name) return UnsupportedFeature("GRANT without an object");
  STATEMENT_ASSIGN(const ObjectKind kind, KindNamed(written.kind));
  const bool in_schema =
      written.scope != syntax::GrantScope::kObject && written.container != "DATABASE";
  STATEMENT_ASSIGN(ObjectName name,
                   NameOf(context, *written.name,
                          in_schema                                      ? ObjectKind::kSchema
                          : written.scope == syntax::GrantScope::kObject ? kind
                                                                         : ObjectKind::kDatabase));
  if (written.scope == syntax::GrantScope::kObject) {
    if (written.has_signature) {
      STATEMENT_ASSIGN(name.signature, SignatureOf(written.signature));
    }
    return OnObject{.kind = kind, .name = std::move(name)};
  }
  return OnContents{.kind = kind,
                    .future = written.scope == syntax::GrantScope::kFuture,
                    .container_kind = written.container == "DATABASE" ? ObjectKind::kDatabase
                                                                      : ObjectKind::kSchema,
                    .container = std::move(name)};
}

constexpr std::string_view kOfApplication = "APPLICATION ROLE";

StatementResult<> GrantOrRevokeRole(const StatementContext& context, const syntax::Grant& grant,
                                    const ObjectName& grantee) {
  if (grant.role_kind != "ROLE" && grant.role_kind != kOfApplication) {
    return UnsupportedFeature("GRANT " + grant.role_kind);
  }
  const bool to_principal =
      grant.grantee_kind.empty() || grant.grantee_kind == "ROLE" || grant.grantee_kind == "USER";
  if (!to_principal) {
    return UnsupportedFeature(fmt::format("GRANT {} TO {}", grant.role_kind, grant.grantee_kind));
  }
  if (grant.with_grant_option) return UnsupportedFeature("GRANT ROLE … WITH GRANT OPTION");
  if (grant.grant_option_for) return UnsupportedFeature("REVOKE GRANT OPTION FOR ROLE");
  STATEMENT_ASSIGN(const ObjectName role, NameOf(context, *grant.role));
  RoleGrantRequest request{
      .role = role.name, .grantee = grantee.name, .to_user = grant.grantee_kind == "USER"};
  if (grant.role_kind == kOfApplication) {
    if (!role.schema || role.database) {
      return CompilationError("001003", "42000", "an application role is named APPLICATION.ROLE");
    }
    request.application = role.schema;
  }
  return CommitObjects(context, [&](Transaction& transaction, const Caller& caller) {
    return grant.revoke ? RevokeRole(transaction, caller, request)
                        : GrantRole(transaction, caller, request);
  });
}

StatementResult<> TransferOwnership(const StatementContext& context, const syntax::Grant& grant,
                                    const ObjectName& grantee) {
  OwnershipRequest request{.target = {}, .role = grantee.name};
  STATEMENT_ASSIGN(request.target, TargetOf(context, grant.target));
  if (grant.current_grants == "COPY") request.current_grants = CurrentGrants::kCopy;
  if (grant.current_grants == "REVOKE") request.current_grants = CurrentGrants::kRevoke;
  return CommitObjects(context, [&](Transaction& transaction, const Caller& caller) {
    return GrantOwnership(transaction, caller, request);
  });
}

}  // namespace

StatementResult<GrantTarget> ShownGrantTarget(const syntax::ShowScope& scope,
                                              const ObjectName& name, bool future) {
  if (scope.kind == "ACCOUNT") return OnAccount{};
  STATEMENT_ASSIGN(const ObjectKind kind, KindNamed(scope.kind));
  if (!future) return OnObject{.kind = kind, .name = name};
  return OnContents{
      .kind = ObjectKind::kTable, .future = true, .container_kind = kind, .container = name};
}

Outcome Act(StatementContext& context, const syntax::Grant& grant) {
  STATEMENT_ASSIGN(const ObjectName grantee, NameOf(context, grant.grantee));
  if (grant.role) {
    STATEMENT_TRY(GrantOrRevokeRole(context, grant, grantee));
    return Executed();
  }
  const bool to_application = grant.grantee_kind == "APPLICATION";
  if (!grant.grantee_kind.empty() && grant.grantee_kind != "ROLE" && !to_application) {
    return UnsupportedFeature("GRANT TO " + grant.grantee_kind);
  }
  if (grant.privileges == std::vector<std::string>{"OWNERSHIP"} && !grant.revoke) {
    if (grant.with_grant_option) return UnsupportedFeature("GRANT OWNERSHIP … WITH GRANT OPTION");
    if (to_application) return UnsupportedFeature("GRANT OWNERSHIP … TO APPLICATION");
    STATEMENT_TRY(TransferOwnership(context, grant, grantee));
    return Executed();
  }
  GrantRequest request{
      .privileges = {},
      .all_privileges = false,
      .target = {},
      .role = grantee.name,
      .with_grant_option = grant.revoke ? grant.grant_option_for : grant.with_grant_option,
      .cascade = grant.behaviour == "CASCADE",
      .grantee_kind = to_application ? ObjectKind::kApplication : ObjectKind::kRole};
  for (const std::string& privilege : grant.privileges) {
    if (privilege == "ALL" || privilege == "ALL PRIVILEGES") {
      request.all_privileges = true;
    } else {
      request.privileges.push_back(privilege);
    }
  }
  STATEMENT_ASSIGN(request.target, TargetOf(context, grant.target));
  STATEMENT_TRY(CommitObjects(context, [&](Transaction& transaction, const Caller& caller) {
    return grant.revoke ? RevokePrivileges(transaction, caller, request)
                        : GrantPrivileges(transaction, caller, request);
  }));
  return Executed();
}

}  // namespace tarn::warehouse
