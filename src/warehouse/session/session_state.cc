// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/session_state.h"

#include <algorithm>
#include <array>

#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/session_parameters.h"

namespace tarn::warehouse {
namespace {

StatementFailure RoleNotGranted(std::string_view role) {
  return std::unexpected(StatementError{
      .error = {ErrorKind::kPermissionDenied,
                fmt::format("SQL access control error:\nRequested role '{}' is not "
                            "assigned to the executing user. Specify another role to "
                            "activate.",
                            role),
                {},
                {}},
      .code = "003013",
      .sqlstate = "42501"});
}

StatementResult<bool> HasRole(const Snapshot& snapshot, ObjectId user, ObjectId role) {
  STATEMENT_ASSIGN(const auto roles, snapshot.Roles());
  const std::array<ObjectId, 1> first = {user};
  return std::ranges::binary_search(roles->Closure(first), role);
}

/// The object of the kind that USE names.
StatementResult<ObjectHead> Usable(const Snapshot& snapshot, const SessionState& session,
                                   ObjectKind kind, const ObjectName& name) {
  STATEMENT_ASSIGN(const Caller caller, CallerOf(snapshot, session));
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  STATEMENT_ASSIGN(ObjectHead head, kind == ObjectKind::kDatabase
                                        ? ResolveDatabase(snapshot, caller, authority, name.name,
                                                          "USE", NameUse::kUse)
                                        : Resolve(snapshot, caller, authority, kind, name, "USE"));
  STATEMENT_ASSIGN(const bool may, authority.Has(head, kUsage));
  // Nobody owns a database's INFORMATION_SCHEMA: it is everybody's who may use the database.
  if (!may && head.name != kInformationSchema) return DoesNotExist(kind, name.Written());
  return head;
}

}  // namespace

std::string SessionState::Parameter(std::string_view name) const {
  const auto found = parameters.find(name);
  if (found != parameters.end()) return found->second;
  const ParameterFacts* const facts = FindSessionParameter(name);
  return facts == nullptr ? std::string() : std::string(facts->fallback);
}

StatementResult<Caller> CallerOf(const Snapshot& snapshot, const SessionState& session) {
  STATEMENT_ASSIGN(const auto role, snapshot.FindHead(session.role_id));
  // A task has its owner's role, and no user; a procedure its owner's for a time.
  bool has = !session.task.empty() || session.as_owner;
  if (!has) {
    STATEMENT_ASSIGN(has, HasRole(snapshot, session.user_id, session.role_id));
  }
  if (!role || role->dropped_ms || !has) return RoleNotGranted(session.role);
  // What the user has besides is none of the owner's.
  return Caller{.user = session.as_owner ? ObjectId() : session.user_id,
                .role = session.role_id,
                .secondary_roles = {},
                .all_secondary_roles = session.all_secondary_roles && !session.as_owner,
                .database = session.database,
                .schema = session.schema,
                .session = session.id.ToString()};
}

StatementResult<> UseRole(const Snapshot& snapshot, SessionState& session,
                          const std::string& role) {
  STATEMENT_ASSIGN(const auto head,
                   snapshot.FindNamed(kAccountId, FamilyOf(ObjectKind::kRole), role));
  if (!head) return DoesNotExist(ObjectKind::kRole, role);
  STATEMENT_ASSIGN(const bool has, HasRole(snapshot, session.user_id, head->id));
  if (!has) return RoleNotGranted(role);
  session.role = head->name;
  session.role_id = head->id;
  return {};
}

StatementResult<> UseDatabase(const Snapshot& snapshot, SessionState& session,
                              const std::string& database) {
  STATEMENT_ASSIGN(const ObjectHead head,
                   Usable(snapshot, session, ObjectKind::kDatabase, {.name = database}));
  STATEMENT_ASSIGN(const auto schema,
                   snapshot.FindNamed(head.id, FamilyOf(ObjectKind::kSchema), kPublicSchema));
  session.database = head.name;
  session.schema = schema ? schema->name : std::string();
  return {};
}

StatementResult<> UseSchema(const Snapshot& snapshot, SessionState& session,
                            const ObjectName& schema) {
  STATEMENT_ASSIGN(const ObjectHead head, Usable(snapshot, session, ObjectKind::kSchema, schema));
  STATEMENT_ASSIGN(const auto database, snapshot.FindHead(head.container));
  if (!database) return DoesNotExist(ObjectKind::kSchema, schema.Written());
  session.database = database->name;
  session.schema = head.name;
  return {};
}

StatementResult<> UseWarehouse(const Snapshot& snapshot, SessionState& session,
                               const std::string& warehouse) {
  STATEMENT_ASSIGN(const ObjectHead head,
                   Usable(snapshot, session, ObjectKind::kWarehouse, {.name = warehouse}));
  session.warehouse = head.name;
  return {};
}

}  // namespace tarn::warehouse
