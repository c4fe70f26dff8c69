// SPDX-License-Identifier: Apache-2.0
// How the connector comes into an account, and goes (docs/internals/connector.md).
#pragma once

#include <string>
#include <string_view>

#include "warehouse/catalogue/caller.h"
#include "warehouse/metastore/metastore.h"
#include "warehouse/metastore/transaction.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

inline constexpr const char* kConnectorName = "SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL";
/// What its set-up leaves in the account beside the application.
inline constexpr const char* kConnectorWarehouse = "X_SMALL_WH";
inline constexpr const char* kAgentRole = "POSTGRESQL_AGENT_ROLE";
inline constexpr const char* kAgentAdminRole = "POSTGRESQL_ADMINISTRATIVE_AGENT_ROLE";
/// Application roles (Snowflake, "Application roles in the Snowflake Connector for PostgreSQL").
inline constexpr const char* kApplicationAdmin = "ADMIN";
inline constexpr const char* kApplicationAgent = "AGENT";
inline constexpr const char* kApplicationViewer = "VIEWER";
inline constexpr const char* kApplicationReader = "DATA_READER";

/// The application with its roles, views and procedures, owned by `owner`, which gets all of its
/// roles; and, where they are missing, the roles and the warehouse of its set-up. AlreadyExists for
/// a name that is taken.
StatementResult<ObjectId> InstallConnector(Transaction& transaction, std::string_view name,
                                           ObjectId owner);

/// Those that the account is to have since it was made or its file was migrated. One whose name is
/// taken by something else is forgotten.
Result<> InstallPendingApplications(Metastore& metastore);

/// Applications that an earlier version of this program installed get the views and procedures that
/// came since.
Result<> CompleteApplications(Metastore& metastore);

/// By its name inside of the application; Corruption where it is missing.
Result<ObjectHead> ApplicationRole(const Snapshot& snapshot, ObjectId application,
                                   std::string_view name);

/// Removes it with its roles, grants and records; nothing brings it back. Without `cascade` it is
/// an error that it owns objects outside of itself; with it they are dropped, the caller's role
/// being their last owner, so that UNDROP works for it. The set-up's roles and warehouse stay.
StatementResult<> RemoveApplication(Transaction& transaction, const Caller& caller,
                                    const ObjectHead& application, bool cascade);

}  // namespace tarn::warehouse
