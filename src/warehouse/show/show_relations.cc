// SPDX-License-Identifier: Apache-2.0
// SHOW TABLES, ICEBERG TABLES, DYNAMIC TABLES, VIEWS, OBJECTS, COLUMNS.
#include <algorithm>
#include <array>

#include "warehouse/metastore/table_pointers.h"
#include "warehouse/show/show_parts.h"
#include "warehouse/show/shown_columns.h"

namespace tarn::warehouse {
namespace {

constexpr auto kNumber = ShownType::kNumber;
constexpr auto kTimestamp = ShownType::kTimestamp;

bool IsTerse(std::string_view name) {
  return name == "created_on" || name == "name" || name == "kind" || name == "database_name" ||
         name == "schema_name";
}

template <typename Noun>
std::optional<TableSize> SizeOf(const ShowContext& context, const Object<Noun>& object) {
  if constexpr (std::is_same_v<Noun, View>) return std::nullopt;
  const auto& ask = context.facts().table_size;
  return ask ? ask(object.head) : std::nullopt;
}
template <typename Noun>
Value RowsOf(const ShowContext& context, const Object<Noun>& object) {
  const auto size = SizeOf(context, object);
  return size && size->rows ? Value(*size->rows) : Value();
}
template <typename Noun>
Value BytesOf(const ShowContext& context, const Object<Noun>& object) {
  const auto size = SizeOf(context, object);
  return size && size->bytes ? Value(*size->bytes) : Value();
}

using T = Table;

Value TableKindOf(const ShowContext&, const Object<T>& object) {
  if (object.head.is_temporary()) return std::string("TEMPORARY");
  return std::string(object.value.transient ? "TRANSIENT" : "TABLE");
}
Value Clustering(const ShowContext&, const Object<T>& object) {
  return std::string(object.value.cluster_by.empty() ? "OFF" : "ON");
}

constexpr std::array kTables = {
    Shown<T>{{"created_on", kTimestamp}, CreatedOn<T>},
    Shown<T>{{"name"}, Name<T>},
    Shown<T>{{"database_name"}, DatabaseName<T>},
    Shown<T>{{"schema_name"}, SchemaName<T>},
    Shown<T>{{"kind"}, TableKindOf},
    Shown<T>{{"comment"}, Comment<T>},
    Shown<T>{{"cluster_by"}, Of<&T::cluster_by>},
    Shown<T>{{"rows", kNumber}, RowsOf<T>},
    Shown<T>{{"bytes", kNumber}, BytesOf<T>},
    Shown<T>{{"owner"}, Owner<T>},
    Shown<T>{{"retention_time"}, Retention<T>},
    Shown<T>{{"dropped_on", kTimestamp}, DroppedOn<T>},
    Shown<T>{{"automatic_clustering"}, Clustering},
    Shown<T>{{"change_tracking"}, OnOff<&T::change_tracking>},
    Shown<T>{{"search_optimization"}, Off<T>},
    Shown<T>{{"search_optimization_progress", kNumber}, Null<T>},
    Shown<T>{{"search_optimization_bytes", kNumber}, Null<T>},
    Shown<T>{{"is_external"}, No<T>},
    Shown<T>{{"enable_schema_evolution"}, YesNo<&T::enable_schema_evolution>},
    Shown<T>{{"owner_role_type"}, OwnerRoleType<T>},
    Shown<T>{{"is_event"}, No<T>},
    Shown<T>{{"is_hybrid"}, No<T>},
    Shown<T>{{"is_iceberg"}, YesNo<&T::declared_iceberg>},
    Shown<T>{{"is_immutable"}, No<T>},
};

Value CatalogName(const ShowContext& context, const Object<T>& object) {
  return object.value.catalog ? context.NameOf(*object.value.catalog) : std::string("SNOWFLAKE");
}
Value IcebergKind(const ShowContext&, const Object<T>& object) {
  return std::string(object.value.kind == TableKind::kManaged ? "MANAGED" : "UNMANAGED");
}
Value CanWrite(const ShowContext&, const Object<T>& object) {
  return std::string(object.value.kind == TableKind::kManaged ? "Y" : "N");
}

Value AutoRefresh(const ShowContext&, const Object<T>& object) {
  if (!object.value.auto_refresh) return {};
  return std::string(R"({"executionState":"RUNNING"})");
}

constexpr std::array kIcebergTables = {
    Shown<T>{{"created_on", kTimestamp}, CreatedOn<T>},
    Shown<T>{{"name"}, Name<T>},
    Shown<T>{{"database_name"}, DatabaseName<T>},
    Shown<T>{{"schema_name"}, SchemaName<T>},
    Shown<T>{{"owner"}, Owner<T>},
    Shown<T>{{"external_volume_name"}, Of<&T::external_volume>},
    Shown<T>{{"catalog_name"}, CatalogName},
    Shown<T>{{"iceberg_table_type"}, IcebergKind},
    Shown<T>{{"catalog_table_name"}, Of<&T::catalog_table_name>},
    Shown<T>{{"catalog_namespace"}, Of<&T::catalog_namespace>},
    Shown<T>{{"base_location"}, Of<&T::base_location>},
    Shown<T>{{"can_write_metadata"}, CanWrite},
    Shown<T>{{"comment"}, Comment<T>},
    Shown<T>{{"name_mapping"}, Null<T>},
    Shown<T>{{"owner_role_type"}, OwnerRoleType<T>},
    Shown<T>{{"catalog_sync_name"}, Null<T>},
    Shown<T>{{"auto_refresh_status"}, AutoRefresh},
    Shown<T>{{"partition_specs"}, Null<T>},
    Shown<T>{{"current_partition_spec_id", kNumber}, Null<T>},
    Shown<T>{{"iceberg_table_format_version", kNumber}, Null<T>},
};

using D = DynamicTable;

Value TargetLag(const ShowContext&, const Object<D>& object) {
  if (!object.value.target_lag_seconds) return std::string("DOWNSTREAM");
  const int64_t seconds = *object.value.target_lag_seconds;
  struct Unit {
    int64_t seconds;
    const char* name;
  };
  for (const Unit unit : {Unit{86'400, "day"}, Unit{3'600, "hour"}, Unit{60, "minute"}}) {
    if (seconds % unit.seconds != 0 || seconds == 0) continue;
    const int64_t count = seconds / unit.seconds;
    return fmt::format("{} {}{}", count, unit.name, count == 1 ? "" : "s");
  }
  return fmt::format("{} seconds", seconds);
}

constexpr std::array kDynamicTables = {
    Shown<D>{{"created_on", kTimestamp}, CreatedOn<D>},
    Shown<D>{{"name"}, Name<D>},
    Shown<D>{{"database_name"}, DatabaseName<D>},
    Shown<D>{{"schema_name"}, SchemaName<D>},
    Shown<D>{{"cluster_by"}, Of<&D::cluster_by>},
    Shown<D>{{"rows", kNumber}, RowsOf<D>},
    Shown<D>{{"bytes", kNumber}, BytesOf<D>},
    Shown<D>{{"owner"}, Owner<D>},
    Shown<D>{{"target_lag"}, TargetLag},
    Shown<D>{{"scheduler"}, Of<&D::scheduler>},
    Shown<D>{{"refresh_mode"}, Of<&D::refresh_mode>},
    Shown<D>{{"refresh_mode_reason"}, TextOrNull<&D::refresh_mode_reason>},
    Shown<D>{{"warehouse"}, Of<&D::warehouse>},
    Shown<D>{{"comment"}, Comment<D>},
    Shown<D>{{"text"}, Of<&D::text>},
    Shown<D>{{"automatic_clustering"}, Off<D>},
    Shown<D>{{"scheduling_state"}, Of<&D::scheduling_state>},
    Shown<D>{{"last_suspended_on", kTimestamp}, When<&D::last_suspended_ms>},
    Shown<D>{{"is_clone"}, False<D>},
    Shown<D>{{"is_replica"}, False<D>},
    Shown<D>{{"is_iceberg"}, Of<&D::declared_iceberg>},
    Shown<D>{{"data_timestamp", kTimestamp}, When<&D::data_timestamp_ms>},
    Shown<D>{{"owner_role_type"}, OwnerRoleType<D>},
    Shown<D>{{"immutable_where"}, Null<D>},
    Shown<D>{{"execute_as_user"}, Null<D>},
};

using V = View;

/// The text of a secure view is its owner's.
Value ViewText(const ShowContext& context, const Object<V>& object) {
  const bool hidden = object.value.secure && !context.authority().Owns(object.head);
  return hidden ? Value() : Value(object.value.text);
}
Value ViewKind(const ShowContext&, const Object<V>&) { return std::string("VIEW"); }

constexpr std::array kViews = {
    Shown<V>{{"created_on", kTimestamp}, CreatedOn<V>},
    Shown<V>{{"name"}, Name<V>},
    Shown<V>{{"reserved"}, EmptyText<V>},
    Shown<V>{{"kind"}, ViewKind},
    Shown<V>{{"database_name"}, DatabaseName<V>},
    Shown<V>{{"schema_name"}, SchemaName<V>},
    Shown<V>{{"owner"}, Owner<V>},
    Shown<V>{{"comment"}, Comment<V>},
    Shown<V>{{"text"}, ViewText},
    Shown<V>{{"is_secure"}, Of<&V::secure>},
    Shown<V>{{"is_materialized"}, False<V>},
    Shown<V>{{"owner_role_type"}, OwnerRoleType<V>},
    Shown<V>{{"change_tracking"}, OnOff<&V::change_tracking>},
};

/// Transient and temporary tables are tables here: dbt takes other kinds for things that it did not
/// make.
template <typename Noun>
Value RelationKind(const ShowContext&, const Object<Noun>&) {
  return std::string(std::is_same_v<Noun, View> ? "VIEW" : "TABLE");
}
template <typename Noun>
Value ClusterBy(const ShowContext&, const Object<Noun>& object) {
  if constexpr (requires { object.value.cluster_by; }) return object.value.cluster_by;
  return std::string();
}
template <typename Noun>
Value IsDynamic(const ShowContext&, const Object<Noun>&) {
  return std::string(std::is_same_v<Noun, DynamicTable> ? "Y" : "N");
}
template <typename Noun>
Value IsIceberg(const ShowContext&, const Object<Noun>& object) {
  if constexpr (requires { object.value.declared_iceberg; }) {
    return std::string(object.value.declared_iceberg ? "Y" : "N");
  }
  return std::string("N");
}

template <typename Noun>
constexpr std::array kRelations = {
    Shown<Noun>{{"created_on", kTimestamp}, CreatedOn<Noun>},
    Shown<Noun>{{"name"}, Name<Noun>},
    Shown<Noun>{{"database_name"}, DatabaseName<Noun>},
    Shown<Noun>{{"schema_name"}, SchemaName<Noun>},
    Shown<Noun>{{"kind"}, RelationKind<Noun>},
    Shown<Noun>{{"comment"}, Comment<Noun>},
    Shown<Noun>{{"cluster_by"}, ClusterBy<Noun>},
    Shown<Noun>{{"rows", kNumber}, RowsOf<Noun>},
    Shown<Noun>{{"bytes", kNumber}, BytesOf<Noun>},
    Shown<Noun>{{"owner"}, Owner<Noun>},
    Shown<Noun>{{"retention_time"}, Retention<Noun>},
    Shown<Noun>{{"owner_role_type"}, OwnerRoleType<Noun>},
    Shown<Noun>{{"budget"}, Null<Noun>},
    Shown<Noun>{{"is_hybrid"}, No<Noun>},
    Shown<Noun>{{"is_dynamic"}, IsDynamic<Noun>},
    Shown<Noun>{{"is_iceberg"}, IsIceberg<Noun>},
};

template <typename Noun, size_t N>
RowSet RowsFor(const ShowContext& context, const std::array<Shown<Noun>, N>& columns,
               const std::vector<Object<Noun>>& objects, const ListFilter& filter) {
  const auto kept = WithColumns<Noun>(columns, [&](std::string_view name) {
    if (filter.terse) return IsTerse(name);
    return filter.history || name != "dropped_on";
  });
  return Tabulate<Noun>(context, kept, objects);
}

/// Rows of one kind, each with the key that it is sorted by among those of other kinds.
struct KeyedRow {
  Lister::Key key;
  std::vector<Value> row;
};

template <typename Noun>
void AddKeyed(const ShowContext& context, const std::vector<Object<Noun>>& objects, RowSet& set,
              std::vector<KeyedRow>& keyed, const ListFilter& filter) {
  RowSet rows = RowsFor(context, kRelations<Noun>, objects, filter);
  set.columns = rows.columns;
  for (size_t i = 0; i < objects.size(); ++i) {
    keyed.push_back({context.lister().KeyOf(objects[i].head), std::move(rows.rows[i])});
  }
}

}  // namespace

ShownRows ShowTables(const ShowContext& context, const ListFilter& filter) {
  STATEMENT_ASSIGN(const auto objects, context.lister().List<Table>());
  return RowsFor(context, kTables, objects, filter);
}

ShownRows ShowIcebergTables(const ShowContext& context, const ListFilter& filter) {
  STATEMENT_ASSIGN(auto objects, context.lister().List<Table>());
  std::erase_if(objects, [](const Object<Table>& table) { return !table.value.declared_iceberg; });
  return RowsFor(context, kIcebergTables, objects, filter);
}

ShownRows ShowDynamicTables(const ShowContext& context, const ListFilter& filter) {
  STATEMENT_ASSIGN(const auto objects, context.lister().List<DynamicTable>());
  return RowsFor(context, kDynamicTables, objects, filter);
}

ShownRows ShowViews(const ShowContext& context, const ListFilter& filter) {
  STATEMENT_ASSIGN(const auto objects, context.lister().List<View>());
  if (filter.terse) return RowsFor(context, kViews, objects, filter);
  const auto kept = WithColumns<View>(kViews, [](std::string_view name) { return name != "kind"; });
  return Tabulate<View>(context, kept, objects);
}

ShownRows ShowRelations(const ShowContext& context, const ListFilter& filter) {
  STATEMENT_ASSIGN(const auto tables, context.lister().List<Table>());
  STATEMENT_ASSIGN(const auto dynamic_tables, context.lister().List<DynamicTable>());
  STATEMENT_ASSIGN(const auto views, context.lister().List<View>());
  RowSet set;
  std::vector<KeyedRow> keyed;
  AddKeyed(context, tables, set, keyed, filter);
  AddKeyed(context, dynamic_tables, set, keyed, filter);
  AddKeyed(context, views, set, keyed, filter);
  std::ranges::sort(keyed, {}, &KeyedRow::key);
  STATEMENT_ASSIGN(const size_t shown, context.lister().Cut(ObjectKind::kTable, keyed.size()));
  for (size_t i = 0; i < shown; ++i) set.rows.push_back(std::move(keyed[i].row));
  return set;
}

ShownRows ShowColumns(const ShowContext& context, const ListFilter& filter) {
  STATEMENT_ASSIGN(const auto tables, context.lister().List<Table>());
  STATEMENT_ASSIGN(const auto dynamic_tables, context.lister().List<DynamicTable>());
  STATEMENT_ASSIGN(const auto views, context.lister().List<View>());
  RowSet set = EmptyColumnRows();
  const auto add = [&](const auto& relations) {
    for (const auto& relation : relations) {
      AddColumnRows(context, relation.head, relation.value.columns, filter.like, set);
    }
  };
  add(tables);
  add(dynamic_tables);
  add(views);
  if (set.rows.size() > kShownRowsMax) set.rows.resize(kShownRowsMax);
  return set;
}

}  // namespace tarn::warehouse
