// SPDX-License-Identifier: Apache-2.0
// SHOW POSTGRES INSTANCES, NETWORK RULES, NETWORK POLICIES, INTEGRATIONS, EXTERNAL VOLUMES: what
// reaches beyond the warehouse.
#include <algorithm>
#include <array>

#include "warehouse/show/show_parts.h"
#include "warehouse/show/shown_columns.h"

namespace tarn::warehouse {
namespace {

constexpr auto kNumber = ShownType::kNumber;
constexpr auto kTimestamp = ShownType::kTimestamp;

using P = PostgresInstance;

Value Settings(const ShowContext&, const Object<P>& object) {
  if (object.value.settings.empty()) return {};
  return ToJson(object.value.settings).dump();
}
Value RetentionDays(const ShowContext&, const Object<P>& object) {
  return std::to_string(object.value.retention_days);
}

constexpr std::array kInstances = {
    Shown<P>{{"name"}, Name<P>},
    Shown<P>{{"owner"}, Owner<P>},
    Shown<P>{{"owner_role_type"}, OwnerRoleType<P>},
    Shown<P>{{"created_on", kTimestamp}, CreatedOn<P>},
    Shown<P>{{"updated_on", kTimestamp}, UpdatedOn<P>},
    Shown<P>{{"type"}, Of<&P::type>},
    Shown<P>{{"origin"}, TextOrNull<&P::origin>},
    Shown<P>{{"host"}, TextOrNull<&P::host>},
    Shown<P>{{"privatelink_service_identifier"}, Null<P>},
    Shown<P>{{"compute_family"}, Of<&P::compute_family>},
    Shown<P>{{"authentication_authority"}, Of<&P::authentication_authority>},
    Shown<P>{{"storage_size", kNumber}, Of<&P::storage_size_gb>},
    Shown<P>{{"postgres_version"}, Of<&P::postgres_version>},
    Shown<P>{{"postgres_settings"}, Settings},
    Shown<P>{{"is_ha"}, Of<&P::high_availability>},
    Shown<P>{{"retention_time"}, RetentionDays},
    Shown<P>{{"state"}, Of<&P::state>},
    Shown<P>{{"comment"}, Comment<P>},
};

using R = NetworkRule;

Value ValueCount(const ShowContext&, const Object<R>& object) {
  return static_cast<int64_t>(object.value.values.size());
}

constexpr std::array kRules = {
    Shown<R>{{"created_on", kTimestamp}, CreatedOn<R>},
    Shown<R>{{"name"}, Name<R>},
    Shown<R>{{"database_name"}, DatabaseName<R>},
    Shown<R>{{"schema_name"}, SchemaName<R>},
    Shown<R>{{"owner"}, Owner<R>},
    Shown<R>{{"comment"}, Comment<R>},
    Shown<R>{{"type"}, Of<&R::type>},
    Shown<R>{{"mode"}, Of<&R::mode>},
    Shown<R>{{"entries_in_valuelist", kNumber}, ValueCount},
    Shown<R>{{"owner_role_type"}, OwnerRoleType<R>},
};

using N = NetworkPolicy;

template <auto Member>
Value Count(const ShowContext&, const Object<N>& object) {
  return static_cast<int64_t>((object.value.*Member).size());
}

constexpr std::array kPolicies = {
    Shown<N>{{"created_on", kTimestamp}, CreatedOn<N>},
    Shown<N>{{"name"}, Name<N>},
    Shown<N>{{"comment"}, Comment<N>},
    Shown<N>{{"entries_in_allowed_ip_list", kNumber}, Count<&N::allowed_ips>},
    Shown<N>{{"entries_in_blocked_ip_list", kNumber}, Count<&N::blocked_ips>},
    Shown<N>{{"entries_in_allowed_network_rules", kNumber}, Count<&N::allowed_rules>},
    Shown<N>{{"entries_in_blocked_network_rules", kNumber}, Count<&N::blocked_rules>},
};

using S = StorageIntegration;

Value StorageCategory(const ShowContext&, const Object<S>&) { return std::string("STORAGE"); }

constexpr std::array kStorageIntegrations = {
    Shown<S>{{"name"}, Name<S>},
    Shown<S>{{"type"}, Of<&S::type>},
    Shown<S>{{"category"}, StorageCategory},
    Shown<S>{{"enabled"}, Of<&S::enabled>},
    Shown<S>{{"comment"}, Comment<S>},
    Shown<S>{{"created_on", kTimestamp}, CreatedOn<S>},
};

using C = CatalogIntegration;

Value CatalogText(const ShowContext&, const Object<C>&) { return std::string("CATALOG"); }

constexpr std::array kAmongIntegrations = {
    Shown<C>{{"name"}, Name<C>},         Shown<C>{{"type"}, CatalogText},
    Shown<C>{{"category"}, CatalogText}, Shown<C>{{"enabled"}, Of<&C::enabled>},
    Shown<C>{{"comment"}, Comment<C>},   Shown<C>{{"created_on", kTimestamp}, CreatedOn<C>},
};
constexpr std::array kCatalogIntegrations = {
    Shown<C>{{"name"}, Name<C>},       Shown<C>{{"enabled"}, Of<&C::enabled>},
    Shown<C>{{"type"}, CatalogText},   Shown<C>{{"category"}, CatalogText},
    Shown<C>{{"comment"}, Comment<C>}, Shown<C>{{"created_on", kTimestamp}, CreatedOn<C>},
};

using E = ExternalVolume;
constexpr std::array kVolumes = {
    Shown<E>{{"name"}, Name<E>},
    Shown<E>{{"allow_writes"}, Of<&E::allow_writes>},
    Shown<E>{{"comment"}, Comment<E>},
};

template <typename Noun, size_t Size>
ShownRows ShowKind(const ShowContext& context, const std::array<Shown<Noun>, Size>& columns) {
  STATEMENT_ASSIGN(const auto objects, context.lister().List<Noun>());
  return Tabulate<Noun>(context, columns, objects);
}

}  // namespace

ShownRows ShowPostgresInstances(const ShowContext& context) {
  return ShowKind(context, kInstances);
}
ShownRows ShowNetworkRules(const ShowContext& context) { return ShowKind(context, kRules); }
ShownRows ShowNetworkPolicies(const ShowContext& context) { return ShowKind(context, kPolicies); }
ShownRows ShowExternalVolumes(const ShowContext& context) { return ShowKind(context, kVolumes); }

ShownRows ShowIntegrations(const ShowContext& context, bool storage, bool catalog) {
  if (!storage) return ShowKind(context, kCatalogIntegrations);
  STATEMENT_ASSIGN(RowSet set, ShowKind(context, kStorageIntegrations));
  if (!catalog) return set;
  STATEMENT_ASSIGN(RowSet others, ShowKind(context, kAmongIntegrations));
  std::ranges::move(others.rows, std::back_inserter(set.rows));
  // By name, which is the first column.
  std::ranges::sort(set.rows, [](const auto& a, const auto& b) { return a.front() < b.front(); });
  STATEMENT_ASSIGN(const size_t shown,
                   context.lister().Cut(ObjectKind::kStorageIntegration, set.rows.size()));
  set.rows.resize(shown);
  return set;
}

}  // namespace tarn::warehouse
