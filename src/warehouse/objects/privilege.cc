// SPDX-License-Identifier: Apache-2.0
#include "warehouse/objects/privilege.h"

#include <algorithm>
#include <array>

namespace tarn::warehouse {
namespace {

using Names = std::string_view;

constexpr std::array<Names, 24> kAccount = {"APPLY TAG",
                                            "ATTACH POLICY",
                                            "BIND SERVICE ENDPOINT",
                                            "CREATE ACCOUNT",
                                            "CREATE APPLICATION",
                                            "CREATE DATABASE",
                                            "CREATE EXTERNAL VOLUME",
                                            "CREATE INTEGRATION",
                                            "CREATE NETWORK POLICY",
                                            "CREATE POSTGRES INSTANCE",
                                            "CREATE ROLE",
                                            "CREATE SHARE",
                                            "CREATE USER",
                                            "CREATE WAREHOUSE",
                                            kExecuteManagedTask,
                                            kExecuteTask,
                                            "IMPORT SHARE",
                                            kManageGrants,
                                            kManageWarehouses,
                                            "MODIFY SESSION LOG LEVEL",
                                            kMonitor,
                                            kMonitorExecution,
                                            "MONITOR USAGE",
                                            "RESOLVE ALL"};
constexpr std::array<Names, 6> kDatabase = {
    "CREATE DATABASE ROLE", "CREATE SCHEMA", "IMPORTED PRIVILEGES", kModify, kMonitor, kUsage};
constexpr std::array<Names, 19> kSchema = {"ADD SEARCH OPTIMIZATION",
                                           "CREATE DYNAMIC TABLE",
                                           "CREATE EXTERNAL TABLE",
                                           "CREATE FILE FORMAT",
                                           "CREATE FUNCTION",
                                           "CREATE ICEBERG TABLE",
                                           "CREATE NETWORK RULE",
                                           "CREATE PROCEDURE",
                                           "CREATE SEQUENCE",
                                           "CREATE STAGE",
                                           "CREATE STREAM",
                                           "CREATE TABLE",
                                           "CREATE TAG",
                                           "CREATE TASK",
                                           "CREATE TEMPORARY TABLE",
                                           "CREATE VIEW",
                                           kModify,
                                           kMonitor,
                                           kUsage};
constexpr std::array<Names, 4> kWarehouse = {kModify, kMonitor, kOperate, kUsage};
constexpr std::array<Names, 2> kUser = {"IMPERSONATE", kMonitor};
constexpr std::array<Names, 7> kTable = {kDelete, "EVOLVE SCHEMA", kInsert, kReferences,
                                         kSelect, kTruncate,       kUpdate};
constexpr std::array<Names, 6> kView = {kDelete, kInsert, kReferences, kSelect, kTruncate, kUpdate};
constexpr std::array<Names, 3> kDynamicTable = {kMonitor, kOperate, kSelect};
constexpr std::array<Names, 1> kUsageOnly = {kUsage};
constexpr std::array<Names, 1> kSelectOnly = {kSelect};
constexpr std::array<Names, 3> kStage = {kRead, kUsage, kWrite};
constexpr std::array<Names, 2> kMonitorOperate = {kMonitor, kOperate};
constexpr std::array<Names, 3> kInstance = {kMonitor, kOperate, kUsage};
constexpr std::array<Names, 2> kIntegration = {kUsage, "USE_ANY_ROLE"};
constexpr std::array<Names, 2> kTag = {kApply, kRead};

}  // namespace

std::span<const std::string_view> PrivilegesOn(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kAccount:
      return kAccount;
    case ObjectKind::kDatabase:
      return kDatabase;
    case ObjectKind::kSchema:
      return kSchema;
    case ObjectKind::kWarehouse:
      return kWarehouse;
    case ObjectKind::kUser:
      return kUser;
    case ObjectKind::kTable:
      return kTable;
    case ObjectKind::kView:
      return kView;
    case ObjectKind::kDynamicTable:
      return kDynamicTable;
    case ObjectKind::kStream:
      return kSelectOnly;
    case ObjectKind::kStage:
      return kStage;
    case ObjectKind::kTask:
      return kMonitorOperate;
    case ObjectKind::kPostgresInstance:
      return kInstance;
    case ObjectKind::kStorageIntegration:
    case ObjectKind::kCatalogIntegration:
      return kIntegration;
    case ObjectKind::kTag:
      return kTag;
    case ObjectKind::kSequence:
    case ObjectKind::kFileFormat:
    case ObjectKind::kFunction:
    case ObjectKind::kProcedure:
    case ObjectKind::kNetworkRule:
    case ObjectKind::kNetworkPolicy:
    case ObjectKind::kExternalVolume:
      return kUsageOnly;
    case ObjectKind::kRole:
    case ObjectKind::kApplication:
      break;
  }
  return {};
}

bool IsPrivilegeOn(ObjectKind kind, std::string_view privilege) {
  return privilege == kOwnership
             ? kind != ObjectKind::kAccount
             : std::ranges::find(PrivilegesOn(kind), privilege) != PrivilegesOn(kind).end();
}

std::string CreatePrivilege(ObjectKind kind) { return "CREATE " + std::string(FactsOf(kind).sql); }

}  // namespace tarn::warehouse
