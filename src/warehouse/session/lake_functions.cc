// SPDX-License-Identifier: Apache-2.0
// SYSTEM$VERIFY_EXTERNAL_VOLUME, SYSTEM$GET_ICEBERG_TABLE_INFORMATION, SYSTEM$AUTO_REFRESH_STATUS:
// JSON text.
#include <array>
#include <nlohmann/json.hpp>

#include "sql/bind/coercion.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/lake_tables/external_table.h"
#include "warehouse/lake_tables/foreign_metadata.h"
#include "warehouse/metastore/table_pointers.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/system_functions.h"
#include "warehouse/volumes/volume_check.h"

namespace tarn::warehouse {
namespace {

using Constant = StatementResult<sql::bound::Expression>;

StatementResult<ObjectName> TableArgument(const SystemCall& call) {
  STATEMENT_ASSIGN(const std::string text, TextArgument(call, 0));
  auto name = ParseObjectName(text);
  if (!name) return DoesNotExist(ObjectKind::kTable, text);
  return *std::move(name);
}

Constant VerifyVolume(const SystemCall& call) {
  STATEMENT_ASSIGN(const std::string name, TextArgument(call, 0));
  STATEMENT_ASSIGN(const auto volume, FindVolume(*call.moment.snapshot, call.caller, name));
  return sql::TextConstant(CheckVolume(*call.moment.tables->storage, volume.value));
}

Constant Information(const SystemCall& call) {
  STATEMENT_ASSIGN(const ObjectName name, TableArgument(call));
  STATEMENT_ASSIGN(std::string text,
                   IcebergTableInformation(*call.moment.snapshot, call.caller, name));
  return sql::TextConstant(std::move(text));
}

Constant AutoRefreshStatus(const SystemCall& call) {
  const Snapshot& snapshot = *call.moment.snapshot;
  STATEMENT_ASSIGN(const ObjectName name, TableArgument(call));
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, call.caller));
  STATEMENT_ASSIGN(const ObjectHead head,
                   Resolve(snapshot, call.caller, authority, ObjectKind::kTable, name, call.name));
  STATEMENT_ASSIGN(const auto table, snapshot.Find<Table>(head.id));
  STATEMENT_ASSIGN(const auto pointer, FindPointer(snapshot, head.id));
  nlohmann::ordered_json json;
  json["executionState"] = table && table->auto_refresh ? "RUNNING" : "STOPPED";
  if (!table || !pointer) return sql::TextConstant(json.dump());
  STATEMENT_ASSIGN(const auto area, AreaOfTable(snapshot, *table));
  if (area == nullptr) return sql::TextConstant(json.dump());
  STATEMENT_ASSIGN(
      const auto newest,
      NewestBeside(*call.moment.tables, *area, pointer->metadata_location, pointer->table_uuid));
  const bool behind = newest && newest->table.metadata_location != pointer->metadata_location;
  json["pendingSnapshotCount"] = behind ? 1 : 0;
  return sql::TextConstant(json.dump());
}

constexpr std::array kFunctions = {
    SystemFunction{"SYSTEM$AUTO_REFRESH_STATUS", 1, 1, AutoRefreshStatus},
    SystemFunction{"SYSTEM$GET_ICEBERG_TABLE_INFORMATION", 1, 1, Information},
    SystemFunction{"SYSTEM$VERIFY_EXTERNAL_VOLUME", 1, 1, VerifyVolume}};

}  // namespace

std::span<const SystemFunction> LakeFunctions() { return kFunctions; }

}  // namespace tarn::warehouse
