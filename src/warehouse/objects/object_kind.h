// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/strong_id.h"
#include "warehouse/objects/fields.h"

namespace tarn::warehouse {

/// Identity of an object of the account for ever; never reused, also not after a drop. At least
/// kFirstObjectId, since the same numbers are OIDs in pg_catalog. kAccountId is the account itself.
using ObjectId = StrongId<int64_t, struct ObjectIdTag>;
inline constexpr ObjectId kAccountId{0};
inline constexpr int64_t kFirstObjectId = 16384;
/// OIDs have 32 bits.
inline constexpr int64_t kLastObjectId = 4'294'967'295;

enum class ObjectKind : uint8_t {
  kAccount,
  kDatabase,
  kSchema,
  kWarehouse,
  kRole,
  kUser,
  kTable,
  kView,
  kDynamicTable,
  kSequence,
  kFileFormat,
  kFunction,
  kProcedure,
  kStage,
  kStream,
  kTask,
  kPostgresInstance,
  kNetworkRule,
  kNetworkPolicy,
  kStorageIntegration,
  kCatalogIntegration,
  kExternalVolume,
  kTag,
  kApplication,
};

/// Where objects of a kind live.
enum class ContainerLevel : uint8_t { kNowhere, kAccount, kDatabase, kSchema };

/// Kinds that share one space of names.
enum class NameFamily : uint8_t { kOwn, kRelation, kIntegration, kDatabase };

/// What is the same for all objects of a kind.
struct KindFacts {
  ObjectKind kind;
  std::string_view stored;  ///< in `object.kind`, and the kind's table
  std::string_view sql;     ///< "FILE FORMAT", in statements and grants
  std::string_view plural;  ///< "FILE FORMATS"
  std::string_view noun;    ///< "File format", begins messages
  ContainerLevel level;
  NameFamily family = NameFamily::kOwn;
  bool can_be_undropped = false;
};

inline constexpr std::array kKinds = {
    KindFacts{ObjectKind::kAccount, "account", "ACCOUNT", "ACCOUNTS", "Account",
              ContainerLevel::kNowhere},
    KindFacts{ObjectKind::kDatabase, "database", "DATABASE", "DATABASES", "Database",
              ContainerLevel::kAccount, NameFamily::kOwn, true},
    KindFacts{ObjectKind::kSchema, "schema", "SCHEMA", "SCHEMAS", "Schema",
              ContainerLevel::kDatabase, NameFamily::kOwn, true},
    KindFacts{ObjectKind::kWarehouse, "warehouse", "WAREHOUSE", "WAREHOUSES", "Warehouse",
              ContainerLevel::kAccount},
    KindFacts{ObjectKind::kRole, "role", "ROLE", "ROLES", "Role", ContainerLevel::kAccount},
    KindFacts{ObjectKind::kUser, "user", "USER", "USERS", "User", ContainerLevel::kAccount},
    KindFacts{ObjectKind::kTable, "lake_table", "TABLE", "TABLES", "Table", ContainerLevel::kSchema,
              NameFamily::kRelation, true},
    KindFacts{ObjectKind::kView, "view_text", "VIEW", "VIEWS", "View", ContainerLevel::kSchema,
              NameFamily::kRelation},
    KindFacts{ObjectKind::kDynamicTable, "dynamic_table", "DYNAMIC TABLE", "DYNAMIC TABLES",
              "Dynamic table", ContainerLevel::kSchema, NameFamily::kRelation, true},
    KindFacts{ObjectKind::kSequence, "sequence", "SEQUENCE", "SEQUENCES", "Sequence",
              ContainerLevel::kSchema},
    KindFacts{ObjectKind::kFileFormat, "file_format", "FILE FORMAT", "FILE FORMATS", "File format",
              ContainerLevel::kSchema},
    KindFacts{ObjectKind::kFunction, "function", "FUNCTION", "FUNCTIONS", "Function",
              ContainerLevel::kSchema},
    KindFacts{ObjectKind::kProcedure, "procedure", "PROCEDURE", "PROCEDURES", "Procedure",
              ContainerLevel::kSchema},
    KindFacts{ObjectKind::kStage, "stage", "STAGE", "STAGES", "Stage", ContainerLevel::kSchema},
    KindFacts{ObjectKind::kStream, "stream", "STREAM", "STREAMS", "Stream",
              ContainerLevel::kSchema},
    KindFacts{ObjectKind::kTask, "task", "TASK", "TASKS", "Task", ContainerLevel::kSchema},
    KindFacts{ObjectKind::kPostgresInstance, "postgres_instance", "POSTGRES INSTANCE",
              "POSTGRES INSTANCES", "Postgres instance", ContainerLevel::kAccount},
    KindFacts{ObjectKind::kNetworkRule, "network_rule", "NETWORK RULE", "NETWORK RULES",
              "Network rule", ContainerLevel::kSchema},
    KindFacts{ObjectKind::kNetworkPolicy, "network_policy", "NETWORK POLICY", "NETWORK POLICIES",
              "Network policy", ContainerLevel::kAccount},
    KindFacts{ObjectKind::kStorageIntegration, "storage_integration", "INTEGRATION", "INTEGRATIONS",
              "Integration", ContainerLevel::kAccount, NameFamily::kIntegration},
    KindFacts{ObjectKind::kCatalogIntegration, "catalog_integration", "INTEGRATION", "INTEGRATIONS",
              "Integration", ContainerLevel::kAccount, NameFamily::kIntegration},
    KindFacts{ObjectKind::kExternalVolume, "external_volume", "EXTERNAL VOLUME", "EXTERNAL VOLUMES",
              "External volume", ContainerLevel::kAccount, NameFamily::kOwn, true},
    KindFacts{ObjectKind::kTag, "tag", "TAG", "TAGS", "Tag", ContainerLevel::kSchema,
              NameFamily::kOwn, true},
    KindFacts{ObjectKind::kApplication, "application", "APPLICATION", "APPLICATIONS", "Application",
              ContainerLevel::kAccount, NameFamily::kDatabase},
};

constexpr const KindFacts& FactsOf(ObjectKind kind) { return kKinds[static_cast<size_t>(kind)]; }

/// Under which name a kind's objects are unique in their container; stored, so never change one.
constexpr std::string_view FamilyOf(ObjectKind kind) {
  switch (FactsOf(kind).family) {
    case NameFamily::kRelation:
      return "relation";
    case NameFamily::kIntegration:
      return "integration";
    case NameFamily::kDatabase:
      return "database";
    case NameFamily::kOwn:
      break;
  }
  return FactsOf(kind).stored;
}

template <>
struct EnumNames<ObjectKind> {
  static constexpr auto kAll = [] {
    std::array<EnumName<ObjectKind>, kKinds.size()> names{};
    for (size_t i = 0; i < kKinds.size(); ++i) names[i] = {kKinds[i].kind, kKinds[i].stored};
    return names;
  }();
};

}  // namespace tarn::warehouse
