// SPDX-License-Identifier: Apache-2.0
#include "warehouse/catalogue/grant.h"

#include <algorithm>

#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/grant_targets.h"
#include "warehouse/metastore/grants.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

/// The privileges that the statement names, of the kind; `ownership_too`: OWNERSHIP may be one.
StatementResult<std::vector<std::string>> PrivilegesFor(const GrantRequest& request,
                                                        ObjectKind kind, bool ownership_too) {
  if (request.all_privileges) {
    const auto all = PrivilegesOn(kind);
    return std::vector<std::string>(all.begin(), all.end());
  }
  for (const std::string& privilege : request.privileges) {
    if (IsPrivilegeOn(kind, privilege) && (privilege != kOwnership || ownership_too)) continue;
    return CompilationError(
        "003008", "42601",
        fmt::format("Invalid privilege '{}' for object type '{}'.", privilege, FactsOf(kind).sql));
  }
  return request.privileges;
}

/// Whom a privilege is granted by.
class Granter {
 public:
  Granter(const Snapshot& snapshot, const Authority& authority)
      : snapshot_(snapshot), authority_(authority) {}

  /// The role in whose name the privilege is granted.
  StatementResult<ObjectId> GrantorOf(const ObjectHead& head, std::string_view privilege) const {
    const bool account = head.kind == ObjectKind::kAccount;
    STATEMENT_ASSIGN(const auto managed_by, ManagingOwner(snapshot_, head));
    const ObjectId owner = managed_by.value_or(head.owner);
    if (!account && authority_.HasRole(owner)) return owner;
    if (!managed_by) {
      STATEMENT_ASSIGN(const auto grants, GrantsOn(snapshot_, head.id));
      for (const Grant& grant : grants) {
        // What a system role has of the account from the system, it may pass on.
        const bool may = grant.with_grant_option || (account && grant.grantor == ObjectId());
        if (grant.privilege == privilege && may && authority_.HasRole(grant.grantee)) {
          return grant.grantee;
        }
      }
    }
    if (account) return GrantNotExecuted();
    STATEMENT_ASSIGN(const bool manages, authority_.ManagesGrants());
    if (manages) return owner;
    return InsufficientPrivileges(head.kind, head.name);
  }

  /// Does it for every object and privilege. ALL means all that the caller may grant on an object,
  /// at least one.
  template <typename Do>
  StatementResult<> ForEach(const GrantRequest& request, const Targets& targets,
                            const std::vector<std::string>& privileges, const Do& act) const {
    for (const ObjectHead& object : targets.objects) {
      bool any = false;
      for (const std::string& privilege : privileges) {
        const auto grantor = GrantorOf(object, privilege);
        const bool denied = !grantor && grantor.error().error.kind == ErrorKind::kPermissionDenied;
        const bool last = privilege == privileges.back();
        if (denied && request.all_privileges && (any || !last)) continue;
        STATEMENT_TRY(grantor);
        any = true;
        STATEMENT_TRY(act(object, privilege, *grantor));
      }
    }
    return {};
  }

 private:
  const Snapshot& snapshot_;
  const Authority& authority_;
};

/// Takes back what was granted on one object.
class Revoker {
 public:
  static StatementResult<Revoker> Of(Transaction& transaction, const Authority& authority,
                                     const ObjectHead& object, const GrantRequest& request) {
    Revoker revoker(transaction, authority, object, request);
    STATEMENT_ASSIGN(revoker.manages_, authority.ManagesGrants());
    STATEMENT_ASSIGN(revoker.managed_by_, ManagingOwner(transaction, object));
    return revoker;
  }

  StatementResult<> Revoke(const std::string& privilege, ObjectId grantee) const {
    STATEMENT_ASSIGN(const auto grants, GrantsOn(transaction_, object_.id));
    const auto had = std::ranges::find_if(grants, [&](const Grant& grant) {
      return grant.privilege == privilege && grant.grantee == grantee;
    });
    if (had == grants.end()) return {};
    const bool of_the_system = object_.kind == ObjectKind::kAccount && had->grantor == ObjectId();
    if (of_the_system || !MayRevoke(*had)) return RevokeNotExecuted();
    STATEMENT_TRY(RevokeDependent(grants, *had));
    STATEMENT_TRY(RemoveGrant(transaction_, object_.id, privilege, grantee));
    if (!request_.with_grant_option) return {};
    // GRANT OPTION FOR: the privilege itself stays.
    Grant without_option = *had;
    without_option.with_grant_option = false;
    STATEMENT_TRY(AddGrant(transaction_, without_option));
    return {};
  }

 private:
  Revoker(Transaction& transaction, const Authority& authority, const ObjectHead& object,
          const GrantRequest& request)
      : transaction_(transaction), authority_(authority), object_(object), request_(request) {}

  bool MayRevoke(const Grant& grant) const {
    if (manages_) return true;
    // What the system or a future grant gave is the owner's to take back.
    const ObjectId grantor = grant.grantor == ObjectId() ? object_.owner : grant.grantor;
    return authority_.HasRole(managed_by_.value_or(grantor));
  }

  /// What the grantee granted with its option, not as the object's owner.
  StatementResult<> RevokeDependent(const std::vector<Grant>& grants, const Grant& from) const {
    if (from.grantee == managed_by_.value_or(object_.owner)) return {};
    for (const Grant& grant : grants) {
      const bool dependent = grant.privilege == from.privilege && grant.grantor == from.grantee &&
                             grant.grantee != from.grantee;
      if (!dependent) continue;
      if (!request_.cascade) return DependentGrant(transaction_, grant, object_);
      STATEMENT_ASSIGN(const auto left, GrantsOn(transaction_, object_.id));
      const bool there = std::ranges::any_of(left, [&](const Grant& other) {
        return other.privilege == grant.privilege && other.grantee == grant.grantee;
      });
      if (!there) continue;
      STATEMENT_TRY(RemoveGrant(transaction_, object_.id, grant.privilege, grant.grantee));
      STATEMENT_TRY(RevokeDependent(left, grant));
    }
    return {};
  }

  Transaction& transaction_;
  const Authority& authority_;
  const ObjectHead& object_;
  const GrantRequest& request_;
  bool manages_ = false;
  std::optional<ObjectId> managed_by_;
};

Result<bool> MayPassOn(const Snapshot& snapshot, const Authority& authority,
                       const ObjectHead& role) {
  TARN_ASSIGN(const bool manages, authority.ManagesGrants());
  if (manages || authority.Owns(role) || role.container == kAccountId) {
    return manages || authority.Owns(role);
  }
  TARN_ASSIGN(const auto application, snapshot.FindHead(role.container));
  return application && authority.Owns(*application);
}

StatementResult<> CheckRoleGrant(Transaction& transaction, const Authority& authority,
                                 const ObjectHead& role, const ObjectHead& grantee) {
  STATEMENT_ASSIGN(const bool may, MayPassOn(transaction, authority, role));
  if (!may) return GrantNotExecuted();
  STATEMENT_ASSIGN(const auto graph, transaction.Roles());
  if (grantee.kind == ObjectKind::kRole && graph->WouldCycle(role.id, grantee.id)) {
    return CompilationError("003012", "42000",
                            fmt::format("Role '{}' cannot be granted to role '{}', as this would "
                                        "create a cycle.",
                                        role.name, grantee.name));
  }
  return {};
}

}  // namespace

StatementResult<> GrantPrivileges(Transaction& transaction, const Caller& caller,
                                  const GrantRequest& request) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(transaction, caller));
  STATEMENT_ASSIGN(const ObjectHead role,
                   FindPrincipal(transaction, request.grantee_kind, request.role));
  STATEMENT_ASSIGN(const Targets targets,
                   FindTargets(transaction, caller, authority, request.target));
  STATEMENT_ASSIGN(const auto privileges, PrivilegesFor(request, targets.kind, false));
  if (targets.future_in) {
    STATEMENT_TRY(RequireFutureGrants(transaction, authority, *targets.future_in));
    for (const std::string& privilege : privileges) {
      STATEMENT_TRY(AddFutureGrant(transaction, {.container = targets.future_in->id,
                                                 .kind = targets.kind,
                                                 .privilege = privilege,
                                                 .grantee = role.id,
                                                 .with_grant_option = request.with_grant_option}));
    }
    return {};
  }
  const Granter granter(transaction, authority);
  return granter.ForEach(
      request, targets, privileges,
      [&](const ObjectHead& object, const std::string& privilege, ObjectId grantor) {
        return AddGrant(transaction, {.object = object.id,
                                      .privilege = privilege,
                                      .grantee = role.id,
                                      .with_grant_option = request.with_grant_option,
                                      .grantor = grantor});
      });
}

StatementResult<> RevokePrivileges(Transaction& transaction, const Caller& caller,
                                   const GrantRequest& request) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(transaction, caller));
  STATEMENT_ASSIGN(const ObjectHead role,
                   FindPrincipal(transaction, request.grantee_kind, request.role));
  STATEMENT_ASSIGN(const Targets targets,
                   FindTargets(transaction, caller, authority, request.target));
  STATEMENT_ASSIGN(const auto privileges,
                   PrivilegesFor(request, targets.kind, targets.future_in.has_value()));
  if (targets.future_in) {
    STATEMENT_TRY(RequireFutureGrants(transaction, authority, *targets.future_in));
    for (const std::string& privilege : privileges) {
      STATEMENT_TRY(RemoveFutureGrant(transaction, {.container = targets.future_in->id,
                                                    .kind = targets.kind,
                                                    .privilege = privilege,
                                                    .grantee = role.id}));
    }
    return {};
  }
  for (const ObjectHead& object : targets.objects) {
    STATEMENT_ASSIGN(const Revoker revoker, Revoker::Of(transaction, authority, object, request));
    for (const std::string& privilege : privileges) {
      STATEMENT_TRY(revoker.Revoke(privilege, role.id));
    }
  }
  return {};
}

StatementResult<> GrantRole(Transaction& transaction, const Caller& caller,
                            const RoleGrantRequest& request) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(transaction, caller));
  STATEMENT_ASSIGN(const ObjectHead role, FindGrantedRole(transaction, request));
  const ObjectKind kind = request.to_user ? ObjectKind::kUser : ObjectKind::kRole;
  STATEMENT_ASSIGN(const ObjectHead grantee, FindPrincipal(transaction, kind, request.grantee));
  STATEMENT_TRY(CheckRoleGrant(transaction, authority, role, grantee));
  STATEMENT_TRY(
      AddRoleGrant(transaction, {.role = role.id, .grantee = grantee.id, .grantor = caller.role}));
  return {};
}

StatementResult<> RevokeRole(Transaction& transaction, const Caller& caller,
                             const RoleGrantRequest& request) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(transaction, caller));
  STATEMENT_ASSIGN(const ObjectHead role, FindGrantedRole(transaction, request));
  const ObjectKind kind = request.to_user ? ObjectKind::kUser : ObjectKind::kRole;
  STATEMENT_ASSIGN(const ObjectHead grantee, FindPrincipal(transaction, kind, request.grantee));
  STATEMENT_ASSIGN(const bool may, MayPassOn(transaction, authority, role));
  if (!may) return RevokeNotExecuted();
  STATEMENT_ASSIGN(const auto grants, GranteesOf(transaction, role.id));
  const bool of_the_system = std::ranges::any_of(grants, [&](const RoleGrant& grant) {
    return grant.grantee == grantee.id && grant.grantor == ObjectId();
  });
  if (of_the_system && grantee.kind == ObjectKind::kRole) return RevokeNotExecuted();
  STATEMENT_TRY(RemoveRoleGrant(transaction, role.id, grantee.id));
  return {};
}

}  // namespace tarn::warehouse
