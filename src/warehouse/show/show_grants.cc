// SPDX-License-Identifier: Apache-2.0
#include "warehouse/show/show_grants.h"

#include <algorithm>

#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/metastore/grants.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/show/shown_columns.h"

namespace tarn::warehouse {
namespace {

constexpr auto kTimestamp = ShownType::kTimestamp;

const std::vector<ShownColumn> kOnObject = {{"created_on", kTimestamp},
                                            {"privilege"},
                                            {"granted_on"},
                                            {"name"},
                                            {"granted_to"},
                                            {"grantee_name"},
                                            {"grant_option"},
                                            {"granted_by_role_type"},
                                            {"granted_by"}};
const std::vector<ShownColumn> kToRole = {
    {"created_on", kTimestamp}, {"privilege"},    {"granted_on"}, {"name"}, {"granted_to"},
    {"grantee_name"},           {"grant_option"}, {"granted_by"}};
const std::vector<ShownColumn> kOfRole = {
    {"created_on", kTimestamp}, {"role"}, {"granted_to"}, {"grantee_name"}, {"granted_by"}};
const std::vector<ShownColumn> kFuture = {
    {"created_on", kTimestamp}, {"privilege"},   {"grant_on"}, {"name"}, {"grant_to"},
    {"grantee_name"},           {"grant_option"}};

Value Text(std::string_view text) { return std::string(text); }
Value TrueFalse(bool set) { return std::string(set ? "true" : "false"); }

/// "FILE_FORMAT": kinds as the columns granted_on and grant_on spell them.
std::string KindWord(ObjectKind kind) {
  std::string word(FactsOf(kind).sql);
  std::ranges::replace(word, ' ', '_');
  return word;
}

class Names {
 public:
  explicit Names(const Snapshot& snapshot) : snapshot_(snapshot) {}
  Result<std::string> Of(ObjectId id) const {
    if (id == kAccountId) return std::string();
    TARN_ASSIGN(const auto head, snapshot_.FindHead(id));
    return head ? head->name : std::string();
  }
  Result<ObjectKind> KindOf(ObjectId id) const {
    if (id == kAccountId) return ObjectKind::kAccount;
    TARN_ASSIGN(const auto head, snapshot_.FindHead(id));
    return head ? head->kind : ObjectKind::kAccount;
  }

 private:
  const Snapshot& snapshot_;
};

StatementResult<ObjectHead> Principal(const Snapshot& snapshot, ObjectKind kind,
                                      const std::string& name) {
  STATEMENT_ASSIGN(auto head, snapshot.FindNamed(kAccountId, FamilyOf(kind), name));
  if (!head) return DoesNotExist(kind, name);
  return *std::move(head);
}

StatementResult<RowSet> OnObjectRows(const Snapshot& snapshot, const ObjectHead& head) {
  RowSet set{.columns = kOnObject, .rows = {}};
  const Names names(snapshot);
  const bool account = head.kind == ObjectKind::kAccount;
  STATEMENT_ASSIGN(const std::string name,
                   account ? Result<std::string>("TARN") : snapshot.QualifiedName(head.id));
  if (!account && head.owner != ObjectId()) {
    STATEMENT_ASSIGN(const std::string owner, names.Of(head.owner));
    STATEMENT_ASSIGN(const ObjectKind kind, names.KindOf(head.owner));
    const Value owner_kind = KindWord(kind);
    set.rows.push_back({Timestamp(head.created_ms), Text(kOwnership), KindWord(head.kind), name,
                        owner_kind, owner, TrueFalse(true), owner_kind, owner});
  }
  STATEMENT_ASSIGN(const auto grants, GrantsOn(snapshot, head.id));
  for (const Grant& grant : grants) {
    STATEMENT_ASSIGN(const std::string grantee, names.Of(grant.grantee));
    STATEMENT_ASSIGN(const std::string grantor, names.Of(grant.grantor));
    STATEMENT_ASSIGN(const ObjectKind kind, names.KindOf(grant.grantee));
    set.rows.push_back({Timestamp(grant.created_ms), grant.privilege, KindWord(head.kind), name,
                        KindWord(kind), grantee, TrueFalse(grant.with_grant_option),
                        Text(grantor.empty() ? "" : "ROLE"), grantor});
  }
  return set;
}

StatementResult<RowSet> FutureRows(const Snapshot& snapshot,
                                   const std::vector<FutureGrant>& grants) {
  RowSet set{.columns = kFuture, .rows = {}};
  const Names names(snapshot);
  for (const FutureGrant& grant : grants) {
    STATEMENT_ASSIGN(const std::string place, snapshot.QualifiedName(grant.container));
    STATEMENT_ASSIGN(const ObjectKind place_kind, names.KindOf(grant.container));
    STATEMENT_ASSIGN(const std::string grantee, names.Of(grant.grantee));
    const bool in_database =
        place_kind == ObjectKind::kDatabase && grant.kind != ObjectKind::kSchema;
    const std::string name =
        fmt::format("{}.{}<{}>", place, in_database ? "<SCHEMA>." : "", FactsOf(grant.kind).sql);
    set.rows.push_back({Timestamp(grant.created_ms), grant.privilege, KindWord(grant.kind), name,
                        Text("ROLE"), grantee, TrueFalse(grant.with_grant_option)});
  }
  return set;
}

StatementResult<RowSet> RoleRows(const Snapshot& snapshot, const std::vector<RoleGrant>& grants) {
  RowSet set{.columns = kOfRole, .rows = {}};
  const Names names(snapshot);
  for (const RoleGrant& grant : grants) {
    STATEMENT_ASSIGN(const std::string role, names.Of(grant.role));
    STATEMENT_ASSIGN(const std::string grantee, names.Of(grant.grantee));
    STATEMENT_ASSIGN(const ObjectKind kind, names.KindOf(grant.grantee));
    STATEMENT_ASSIGN(const std::string grantor, names.Of(grant.grantor));
    set.rows.push_back({Timestamp(grant.created_ms), role, KindWord(kind), grantee, Text(grantor)});
  }
  return set;
}

}  // namespace

StatementResult<RowSet> ShowGrantsOn(const Snapshot& snapshot, const Caller& caller,
                                     const GrantTarget& target) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  if (std::holds_alternative<OnAccount>(target)) {
    return OnObjectRows(snapshot, {.id = kAccountId, .kind = ObjectKind::kAccount});
  }
  if (const auto* object = std::get_if<OnObject>(&target)) {
    STATEMENT_ASSIGN(const ObjectHead head, Resolve(snapshot, caller, authority, object->kind,
                                                    object->name, "SHOW GRANTS", NameUse::kTell));
    return OnObjectRows(snapshot, head);
  }
  const auto& contents = std::get<OnContents>(target);
  STATEMENT_ASSIGN(const ObjectHead container,
                   Resolve(snapshot, caller, authority, contents.container_kind, contents.container,
                           "SHOW GRANTS", NameUse::kTell));
  STATEMENT_ASSIGN(const auto grants, FutureGrantsIn(snapshot, container.id));
  return FutureRows(snapshot, grants);
}

StatementResult<RowSet> ShowGrantsToRole(const Snapshot& snapshot, const std::string& role) {
  STATEMENT_ASSIGN(const ObjectHead head, Principal(snapshot, ObjectKind::kRole, role));
  RowSet set{.columns = kToRole, .rows = {}};
  const Names names(snapshot);
  const auto add = [&](int64_t created_ms, std::string_view privilege, ObjectId on, bool option,
                       ObjectId grantor) -> StatementResult<> {
    STATEMENT_ASSIGN(const ObjectKind kind, names.KindOf(on));
    STATEMENT_ASSIGN(const std::string name,
                     on == kAccountId ? Result<std::string>("TARN") : snapshot.QualifiedName(on));
    STATEMENT_ASSIGN(const std::string by, names.Of(grantor));
    set.rows.push_back({Timestamp(created_ms), Text(privilege), KindWord(kind), name, Text("ROLE"),
                        role, TrueFalse(option), by});
    return {};
  };
  STATEMENT_ASSIGN(const auto grants, GrantsTo(snapshot, head.id));
  for (const Grant& grant : grants) {
    STATEMENT_TRY(add(grant.created_ms, grant.privilege, grant.object, grant.with_grant_option,
                      grant.grantor));
  }
  STATEMENT_ASSIGN(
      const auto owned,
      snapshot.Heads("WHERE o.owner_id = ? AND o.dropped_ms IS NULL ORDER BY o.id", head.id));
  for (const ObjectHead& object : owned) {
    STATEMENT_TRY(add(object.created_ms, kOwnership, object.id, true, head.id));
  }
  STATEMENT_ASSIGN(const auto roles, RolesGrantedTo(snapshot, head.id));
  for (const RoleGrant& grant : roles) {
    STATEMENT_TRY(add(grant.created_ms, kUsage, grant.role, false, grant.grantor));
  }
  return set;
}

StatementResult<RowSet> ShowGrantsToUser(const Snapshot& snapshot, const Caller& caller,
                                         const std::optional<std::string>& user) {
  ObjectId id = caller.user;
  if (user) {
    STATEMENT_ASSIGN(const ObjectHead head, Principal(snapshot, ObjectKind::kUser, *user));
    id = head.id;
  }
  STATEMENT_ASSIGN(const auto grants, RolesGrantedTo(snapshot, id));
  return RoleRows(snapshot, grants);
}

StatementResult<RowSet> ShowGrantsOf(const Snapshot& snapshot, const std::string& role) {
  STATEMENT_ASSIGN(const ObjectHead head, Principal(snapshot, ObjectKind::kRole, role));
  STATEMENT_ASSIGN(const auto grants, GranteesOf(snapshot, head.id));
  return RoleRows(snapshot, grants);
}

StatementResult<RowSet> ShowFutureGrantsTo(const Snapshot& snapshot, const std::string& role) {
  STATEMENT_ASSIGN(const ObjectHead head, Principal(snapshot, ObjectKind::kRole, role));
  STATEMENT_ASSIGN(const auto grants, FutureGrantsTo(snapshot, head.id));
  return FutureRows(snapshot, grants);
}

}  // namespace tarn::warehouse
