// SPDX-License-Identifier: Apache-2.0
// Privileges by Snowflake's names ("Access control privileges"), which are stored and shown.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "warehouse/objects/object_kind.h"

namespace tarn::warehouse {

inline constexpr std::string_view kOwnership = "OWNERSHIP";
inline constexpr std::string_view kUsage = "USAGE";
inline constexpr std::string_view kMonitor = "MONITOR";
inline constexpr std::string_view kOperate = "OPERATE";
inline constexpr std::string_view kModify = "MODIFY";
inline constexpr std::string_view kSelect = "SELECT";
inline constexpr std::string_view kInsert = "INSERT";
inline constexpr std::string_view kUpdate = "UPDATE";
inline constexpr std::string_view kDelete = "DELETE";
inline constexpr std::string_view kTruncate = "TRUNCATE";
inline constexpr std::string_view kReferences = "REFERENCES";
inline constexpr std::string_view kRead = "READ";
inline constexpr std::string_view kWrite = "WRITE";
inline constexpr std::string_view kApply = "APPLY";
inline constexpr std::string_view kManageGrants = "MANAGE GRANTS";
inline constexpr std::string_view kManageWarehouses = "MANAGE WAREHOUSES";
inline constexpr std::string_view kExecuteTask = "EXECUTE TASK";
inline constexpr std::string_view kExecuteManagedTask = "EXECUTE MANAGED TASK";
inline constexpr std::string_view kMonitorExecution = "MONITOR EXECUTION";

/// What can be granted on a kind of object, OWNERSHIP apart; ALL grants them all.
std::span<const std::string_view> PrivilegesOn(ObjectKind kind);

/// Whether `privilege` can be granted on the kind (OWNERSHIP can).
bool IsPrivilegeOn(ObjectKind kind, std::string_view privilege);

/// What creating an object asks for on its container: "CREATE TABLE".
std::string CreatePrivilege(ObjectKind kind);

}  // namespace tarn::warehouse
