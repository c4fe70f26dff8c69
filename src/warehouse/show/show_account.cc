// SPDX-License-Identifier: Apache-2.0
// SHOW DATABASES, SCHEMAS, WAREHOUSES, ROLES, USERS.
#include <algorithm>
#include <array>

#include "warehouse/metastore/grants.h"
#include "warehouse/show/show_parts.h"
#include "warehouse/show/shown_columns.h"

namespace tarn::warehouse {
namespace {

constexpr auto kNumber = ShownType::kNumber;
constexpr auto kTimestamp = ShownType::kTimestamp;

Value Flag(bool set) { return std::string(set ? "Y" : "N"); }

Value IsCurrentDatabase(const ShowContext& context, const Object<Database>& object) {
  return Flag(object.head.name == context.caller().database);
}
Value DatabaseOptions(const ShowContext&, const Object<Database>& object) {
  return std::string(object.value.transient ? "TRANSIENT" : "");
}
Value DatabaseKind(const ShowContext&, const Object<Database>& object) {
  return std::string(object.value.linked_catalog ? "CATALOG-LINKED DATABASE" : "STANDARD");
}

using D = Database;
constexpr std::array kDatabases = {
    Shown<D>{{"created_on", kTimestamp}, CreatedOn<D>},
    Shown<D>{{"name"}, Name<D>},
    Shown<D>{{"is_default"}, No<D>},
    Shown<D>{{"is_current"}, IsCurrentDatabase},
    Shown<D>{{"origin"}, EmptyText<D>},
    Shown<D>{{"owner"}, Owner<D>},
    Shown<D>{{"comment"}, Comment<D>},
    Shown<D>{{"options"}, DatabaseOptions},
    Shown<D>{{"retention_time"}, Retention<D>},
    Shown<D>{{"resource_group"}, Null<D>},
    Shown<D>{{"dropped_on", kTimestamp}, DroppedOn<D>},
    Shown<D>{{"kind"}, DatabaseKind},
    Shown<D>{{"owner_role_type"}, OwnerRoleType<D>},
};

Value IsCurrentSchema(const ShowContext& context, const Object<Schema>& object) {
  const bool database = context.lister().DatabaseName(object.head) == context.caller().database;
  return Flag(database && object.head.name == context.caller().schema);
}
Value SchemaOptions(const ShowContext&, const Object<Schema>& object) {
  if (object.value.managed_access) return std::string("MANAGED ACCESS");
  return std::string(object.value.transient ? "TRANSIENT" : "");
}

using S = Schema;
constexpr std::array kSchemas = {
    Shown<S>{{"created_on", kTimestamp}, CreatedOn<S>},
    Shown<S>{{"name"}, Name<S>},
    Shown<S>{{"is_default"}, No<S>},
    Shown<S>{{"is_current"}, IsCurrentSchema},
    Shown<S>{{"database_name"}, DatabaseName<S>},
    Shown<S>{{"owner"}, Owner<S>},
    Shown<S>{{"comment"}, Comment<S>},
    Shown<S>{{"options"}, SchemaOptions},
    Shown<S>{{"retention_time"}, Retention<S>},
    Shown<S>{{"dropped_on", kTimestamp}, DroppedOn<S>},
    Shown<S>{{"owner_role_type"}, OwnerRoleType<S>},
};

using W = VirtualWarehouse;

WarehouseActivity ActivityOf(const ShowContext& context, const Object<W>& object) {
  const auto& ask = context.facts().warehouse_activity;
  return ask ? ask(object.head.id) : WarehouseActivity{};
}
Value StartedClusters(const ShowContext&, const Object<W>& object) {
  return int64_t{object.value.state == WarehouseState::kStarted ? 1 : 0};
}
Value Running(const ShowContext& context, const Object<W>& object) {
  return ActivityOf(context, object).running;
}
Value Queued(const ShowContext& context, const Object<W>& object) {
  return ActivityOf(context, object).queued;
}
Value IsDefaultWarehouse(const ShowContext& context, const Object<W>& object) {
  const auto user = context.CurrentUser();
  return Flag(user && user->default_warehouse == object.head.name);
}
Value IsCurrentWarehouse(const ShowContext& context, const Object<W>& object) {
  return Flag(object.head.name == context.facts().current_warehouse);
}
Value Available(const ShowContext&, const Object<W>& object) {
  return std::string(object.value.state == WarehouseState::kStarted ? "100" : "");
}
Value ZeroIfStarted(const ShowContext&, const Object<W>& object) {
  return std::string(object.value.state == WarehouseState::kStarted ? "0" : "");
}

constexpr std::array kWarehouses = {
    Shown<W>{{"name"}, Name<W>},
    Shown<W>{{"state"}, Of<&W::state>},
    Shown<W>{{"type"}, Of<&W::type>},
    Shown<W>{{"size"}, Of<&W::size>},
    Shown<W>{{"min_cluster_count", kNumber}, Of<&W::min_cluster_count>},
    Shown<W>{{"max_cluster_count", kNumber}, Of<&W::max_cluster_count>},
    Shown<W>{{"started_clusters", kNumber}, StartedClusters},
    Shown<W>{{"running", kNumber}, Running},
    Shown<W>{{"queued", kNumber}, Queued},
    Shown<W>{{"is_default"}, IsDefaultWarehouse},
    Shown<W>{{"is_current"}, IsCurrentWarehouse},
    Shown<W>{{"auto_suspend", kNumber}, Of<&W::auto_suspend_seconds>},
    Shown<W>{{"auto_resume"}, Of<&W::auto_resume>},
    Shown<W>{{"available"}, Available},
    Shown<W>{{"provisioning"}, ZeroIfStarted},
    Shown<W>{{"quiescing"}, ZeroIfStarted},
    Shown<W>{{"other"}, ZeroIfStarted},
    Shown<W>{{"created_on", kTimestamp}, CreatedOn<W>},
    Shown<W>{{"resumed_on", kTimestamp}, When<&W::resumed_ms>},
    Shown<W>{{"updated_on", kTimestamp}, UpdatedOn<W>},
    Shown<W>{{"owner"}, Owner<W>},
    Shown<W>{{"comment"}, Comment<W>},
    Shown<W>{{"enable_query_acceleration"}, Of<&W::enable_query_acceleration>},
    Shown<W>{{"query_acceleration_max_scale_factor", kNumber},
             Of<&W::query_acceleration_max_scale_factor>},
    Shown<W>{{"resource_monitor"}, Of<&W::resource_monitor>},
    Shown<W>{{"actives", kNumber}, StartedClusters},
    Shown<W>{{"pendings", kNumber}, Zero<W>},
    Shown<W>{{"failed", kNumber}, Zero<W>},
    Shown<W>{{"suspended", kNumber}, Zero<W>},
    Shown<W>{{"uuid"}, Id<W>},
    Shown<W>{{"scaling_policy"}, Of<&W::scaling_policy>},
    Shown<W>{{"owner_role_type"}, OwnerRoleType<W>},
    Shown<W>{{"resource_constraint"}, TextOrNull<&W::resource_constraint>},
    Shown<W>{{"generation"}, TextOrNull<&W::generation>},
};

using R = Role;

Value IsDefaultRole(const ShowContext& context, const Object<R>& object) {
  const auto user = context.CurrentUser();
  return Flag(user && user->default_role == object.head.name);
}
Value IsCurrentRole(const ShowContext& context, const Object<R>& object) {
  return Flag(object.head.id == context.caller().role);
}
Value IsInherited(const ShowContext& context, const Object<R>& object) {
  const bool current = object.head.id == context.caller().role;
  return Flag(!current && context.authority().HasRole(object.head.id));
}
int64_t CountGrantees(const ShowContext& context, const Object<R>& object, ObjectKind kind) {
  int64_t count = 0;
  for (const RoleGrant& grant : context.Take(GranteesOf(context.snapshot(), object.head.id))) {
    const auto head = context.Take(context.snapshot().FindHead(grant.grantee));
    if (head && head->kind == kind) ++count;
  }
  return count;
}
Value AssignedToUsers(const ShowContext& context, const Object<R>& object) {
  return CountGrantees(context, object, ObjectKind::kUser);
}
Value GrantedToRoles(const ShowContext& context, const Object<R>& object) {
  return CountGrantees(context, object, ObjectKind::kRole);
}
Value GrantedRoles(const ShowContext& context, const Object<R>& object) {
  const auto granted = context.Take(RolesGrantedTo(context.snapshot(), object.head.id));
  return static_cast<int64_t>(granted.size());
}

constexpr std::array kRoles = {
    Shown<R>{{"created_on", kTimestamp}, CreatedOn<R>},
    Shown<R>{{"name"}, Name<R>},
    Shown<R>{{"is_default"}, IsDefaultRole},
    Shown<R>{{"is_current"}, IsCurrentRole},
    Shown<R>{{"is_inherited"}, IsInherited},
    Shown<R>{{"assigned_to_users", kNumber}, AssignedToUsers},
    Shown<R>{{"granted_to_roles", kNumber}, GrantedToRoles},
    Shown<R>{{"granted_roles", kNumber}, GrantedRoles},
    Shown<R>{{"owner"}, Owner<R>},
    Shown<R>{{"comment"}, Comment<R>},
};

using A = Application;

Value IsCurrentApplication(const ShowContext& context, const Object<A>& object) {
  return Flag(object.head.name == context.caller().database);
}
Value Complete(const ShowContext&, const Object<A>&) { return std::string("COMPLETE"); }
Value DefaultChannel(const ShowContext&, const Object<A>&) { return std::string("default"); }
Value Native(const ShowContext&, const Object<A>&) { return std::string("NATIVE"); }

constexpr std::array kApplications = {
    Shown<A>{{"created_on", kTimestamp}, CreatedOn<A>},
    Shown<A>{{"name"}, Name<A>},
    Shown<A>{{"is_default"}, No<A>},
    Shown<A>{{"is_current"}, IsCurrentApplication},
    Shown<A>{{"source_type"}, Of<&A::source_type>},
    Shown<A>{{"source"}, Of<&A::source>},
    Shown<A>{{"owner"}, Owner<A>},
    Shown<A>{{"comment"}, Comment<A>},
    Shown<A>{{"version"}, Of<&A::version>},
    Shown<A>{{"label"}, EmptyText<A>},
    Shown<A>{{"patch", kNumber}, Zero<A>},
    Shown<A>{{"options"}, EmptyText<A>},
    Shown<A>{{"retention_time"}, Retention<A>},
    Shown<A>{{"upgrade_state"}, Complete},
    Shown<A>{{"disablement_reasons"}, EmptyText<A>},
    Shown<A>{{"last_upgraded_on", kTimestamp}, Null<A>},
    Shown<A>{{"release_channel_name"}, DefaultChannel},
    Shown<A>{{"type"}, Native},
};

using U = User;

/// Whole minutes or days from now until then, as text; NULL without an end.
template <auto Member, int64_t kUnitMs>
Value Until(const ShowContext& context, const Object<U>& object) {
  const std::optional<int64_t>& end = object.value.*Member;
  if (!end) return {};
  return std::to_string(std::max<int64_t>(0, *end - context.snapshot().now_ms()) / kUnitMs);
}
Value SecondaryRoles(const ShowContext&, const Object<U>& object) {
  return ToJson(object.value.default_secondary_roles).dump();
}
Value HasPassword(const ShowContext&, const Object<U>& object) {
  return std::string(object.value.scram_salt.bytes.empty() ? "false" : "true");
}
Value HasKey(const ShowContext&, const Object<U>& object) {
  const U& user = object.value;
  return std::string(user.rsa_public_key.empty() && user.rsa_public_key_2.empty() ? "false"
                                                                                  : "true");
}

constexpr int64_t kMinuteMs = 60'000;
constexpr int64_t kDayMs = 86'400'000;
constexpr std::array kUsers = {
    Shown<U>{{"name"}, Name<U>},
    Shown<U>{{"created_on", kTimestamp}, CreatedOn<U>},
    Shown<U>{{"login_name"}, Of<&U::login_name>},
    Shown<U>{{"display_name"}, Of<&U::display_name>},
    Shown<U>{{"first_name"}, TextOrNull<&U::first_name>},
    Shown<U>{{"last_name"}, TextOrNull<&U::last_name>},
    Shown<U>{{"email"}, TextOrNull<&U::email>},
    Shown<U>{{"mins_to_unlock"}, Until<&U::locked_until_ms, kMinuteMs>},
    Shown<U>{{"days_to_expiry"}, Until<&U::expires_ms, kDayMs>},
    Shown<U>{{"comment"}, Comment<U>},
    Shown<U>{{"disabled"}, Of<&U::disabled>},
    Shown<U>{{"must_change_password"}, Of<&U::must_change_password>},
    Shown<U>{{"snowflake_lock"}, False<U>},
    Shown<U>{{"default_warehouse"}, TextOrNull<&U::default_warehouse>},
    Shown<U>{{"default_namespace"}, TextOrNull<&U::default_namespace>},
    Shown<U>{{"default_role"}, TextOrNull<&U::default_role>},
    Shown<U>{{"default_secondary_roles"}, SecondaryRoles},
    Shown<U>{{"ext_authn_duo"}, False<U>},
    Shown<U>{{"ext_authn_uid"}, Null<U>},
    Shown<U>{{"mins_to_bypass_mfa"}, Null<U>},
    Shown<U>{{"owner"}, Owner<U>},
    Shown<U>{{"last_success_login", kTimestamp}, When<&U::last_login_ms>},
    Shown<U>{{"expires_at_time", kTimestamp}, When<&U::expires_ms>},
    Shown<U>{{"locked_until_time", kTimestamp}, When<&U::locked_until_ms>},
    Shown<U>{{"has_password"}, HasPassword},
    Shown<U>{{"has_rsa_public_key"}, HasKey},
    Shown<U>{{"type"}, Of<&U::type>},
    Shown<U>{{"has_mfa"}, False<U>},
    Shown<U>{{"has_pat"}, False<U>},
    Shown<U>{{"has_workload_identity"}, False<U>},
    Shown<U>{{"is_from_organization_user"}, False<U>},
};

/// Of other users everybody sees the name only.
RowSet WithoutSecrets(const ShowContext& context, const std::vector<Object<U>>& users, RowSet set) {
  if (context.Take(context.authority().ManagesGrants())) return set;
  for (size_t i = 0; i < users.size(); ++i) {
    const bool own = users[i].head.id == context.caller().user;
    if (own || context.authority().Owns(users[i].head)) continue;
    std::fill(set.rows[i].begin() + 1, set.rows[i].end(), Value());
  }
  return set;
}

template <typename Noun, size_t N>
ShownRows ShowKind(const ShowContext& context, const std::array<Shown<Noun>, N>& columns,
                   bool history) {
  STATEMENT_ASSIGN(const auto objects, context.lister().List<Noun>());
  const auto kept = WithColumns<Noun>(
      columns, [&](std::string_view name) { return history || name != "dropped_on"; });
  return Tabulate<Noun>(context, kept, objects);
}

}  // namespace

ShownRows ShowDatabases(const ShowContext& context, const ListFilter& filter) {
  return ShowKind(context, kDatabases, filter.history);
}

ShownRows ShowSchemas(const ShowContext& context, const ListFilter& filter) {
  return ShowKind(context, kSchemas, filter.history);
}

ShownRows ShowWarehouses(const ShowContext& context) {
  return ShowKind(context, kWarehouses, false);
}

ShownRows ShowRoles(const ShowContext& context, const ListFilter& /*filter*/) {
  STATEMENT_ASSIGN(auto roles, context.lister().List<Role>());
  // Those of applications are theirs.
  std::erase_if(roles, [](const Object<R>& role) { return role.head.container != kAccountId; });
  return Tabulate<R>(context, kRoles, roles);
}

ShownRows ShowApplications(const ShowContext& context) {
  return ShowKind(context, kApplications, false);
}

ShownRows ShowUsers(const ShowContext& context, const ListFilter& /*filter*/) {
  STATEMENT_ASSIGN(const auto users, context.lister().List<User>());
  return WithoutSecrets(context, users, Tabulate<U>(context, kUsers, users));
}

}  // namespace tarn::warehouse
