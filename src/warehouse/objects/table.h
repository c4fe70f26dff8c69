// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "warehouse/objects/column.h"
#include "warehouse/objects/object_kind.h"

namespace tarn::warehouse {

enum class TableKind : uint8_t {
  kManaged,           ///< we write it; its pointer is the metastore's
  kExternalMetadata,  ///< CREATE ICEBERG TABLE … METADATA_FILE_PATH: read, moved by REFRESH
  kCatalogLinked,     ///< another catalog's; read, followed
};

template <>
struct EnumNames<TableKind> {
  using N = EnumName<TableKind>;
  static constexpr std::array kAll = {N{TableKind::kManaged, "MANAGED"},
                                      N{TableKind::kExternalMetadata, "UNMANAGED"},
                                      N{TableKind::kCatalogLinked, "CATALOG_LINKED"}};
};

/// Where the current metadata file is stands in the metastore's pointers
/// (metastore/table_pointers.h), which commits move without touching this.
struct Table {
  static constexpr ObjectKind kKind = ObjectKind::kTable;
  TableKind kind = TableKind::kManaged;
  bool declared_iceberg = false;  ///< CREATE ICEBERG TABLE: SHOW ICEBERG TABLES lists it
  bool transient = false;
  std::vector<Column> columns;
  std::vector<Constraint> constraints;
  std::string cluster_by;
  bool change_tracking = false;
  bool enable_schema_evolution = false;
  std::optional<ObjectId> external_volume;
  std::optional<ObjectId> catalog;  ///< absent: SNOWFLAKE, that is ours
  std::string base_location;
  std::string catalog_table_name, catalog_namespace;
  bool auto_refresh = false;
  bool replace_invalid_characters = false;
  bool operator==(const Table&) const = default;
};

template <>
struct Fields<Table> {
  static constexpr auto kAll =
      std::tuple{Field{"kind", &Table::kind},
                 Field{"declared_iceberg", &Table::declared_iceberg},
                 Field{"transient", &Table::transient},
                 Field{"columns", &Table::columns},
                 Field{"constraints", &Table::constraints},
                 Field{"cluster_by", &Table::cluster_by},
                 Field{"change_tracking", &Table::change_tracking},
                 Field{"enable_schema_evolution", &Table::enable_schema_evolution},
                 Field{"external_volume_id", &Table::external_volume},
                 Field{"catalog_id", &Table::catalog},
                 Field{"base_location", &Table::base_location},
                 Field{"catalog_table_name", &Table::catalog_table_name},
                 Field{"catalog_namespace", &Table::catalog_namespace},
                 Field{"auto_refresh", &Table::auto_refresh},
                 Field{"replace_invalid_characters", &Table::replace_invalid_characters}};
};

struct View {
  static constexpr ObjectKind kKind = ObjectKind::kView;
  std::vector<Column> columns;
  std::string text;   ///< the whole CREATE VIEW, as written
  std::string query;  ///< its SELECT
  bool secure = false;
  bool recursive = false;
  bool change_tracking = false;
  bool operator==(const View&) const = default;
};

template <>
struct Fields<View> {
  static constexpr auto kAll = std::tuple{
      Field{"columns", &View::columns},     Field{"text", &View::text},
      Field{"query", &View::query},         Field{"secure", &View::secure},
      Field{"recursive", &View::recursive}, Field{"change_tracking", &View::change_tracking}};
};

/// What its refreshes need lies with the incremental module; here is what DDL and SHOW know.
struct DynamicTable {
  static constexpr ObjectKind kKind = ObjectKind::kDynamicTable;
  std::vector<Column> columns;
  std::string text;
  std::string query;
  std::optional<int64_t> target_lag_seconds;  ///< absent: DOWNSTREAM
  std::string scheduler = "ENABLE";
  std::string refresh_mode = "INCREMENTAL";
  std::string refresh_mode_reason;
  std::string initialize = "ON_CREATE";
  std::optional<ObjectId> warehouse;
  bool declared_iceberg = false;
  bool transient = false;
  std::string cluster_by;
  std::string scheduling_state = "ACTIVE";
  std::string state_reason_code, state_reason_message;
  std::optional<int64_t> last_suspended_ms;
  std::optional<int64_t> data_timestamp_ms;
  bool operator==(const DynamicTable&) const = default;
};

template <>
struct Fields<DynamicTable> {
  using D = DynamicTable;
  static constexpr auto kAll = std::tuple{Field{"columns", &D::columns},
                                          Field{"text", &D::text},
                                          Field{"query", &D::query},
                                          Field{"target_lag_seconds", &D::target_lag_seconds},
                                          Field{"scheduler", &D::scheduler},
                                          Field{"refresh_mode", &D::refresh_mode},
                                          Field{"refresh_mode_reason", &D::refresh_mode_reason},
                                          Field{"initialize", &D::initialize},
                                          Field{"warehouse_id", &D::warehouse},
                                          Field{"declared_iceberg", &D::declared_iceberg},
                                          Field{"transient", &D::transient},
                                          Field{"cluster_by", &D::cluster_by},
                                          Field{"scheduling_state", &D::scheduling_state},
                                          Field{"state_reason_code", &D::state_reason_code},
                                          Field{"state_reason_message", &D::state_reason_message},
                                          Field{"last_suspended_ms", &D::last_suspended_ms},
                                          Field{"data_timestamp_ms", &D::data_timestamp_ms}};
};

}  // namespace tarn::warehouse
