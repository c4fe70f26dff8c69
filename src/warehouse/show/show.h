// SPDX-License-Identifier: Apache-2.0
// SHOW <objects>, with Snowflake's columns in its order.
#pragma once

#include "warehouse/show/list_filter.h"
#include "warehouse/show/row_set.h"
#include "warehouse/show/show_context.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

enum class ShowSubject : uint8_t {
  kDatabases,
  kSchemas,
  kWarehouses,
  kRoles,
  kUsers,
  kTables,
  kIcebergTables,
  kDynamicTables,
  kViews,
  kObjects,  ///< tables, dynamic tables and views
  kColumns,
  kSequences,
  kFileFormats,
  kUserFunctions,
  kProcedures,
  kStages,
  kStreams,
  kTasks,
  kPostgresInstances,
  kNetworkRules,
  kNetworkPolicies,
  kIntegrations,
  kStorageIntegrations,
  kCatalogIntegrations,
  kExternalVolumes,
  kTags,
  kApplications,
};

/// Lists what the caller has a privilege on. See Lister for failures.
StatementResult<RowSet> Show(const Snapshot& snapshot, const Caller& caller, ShowSubject subject,
                             const ListFilter& filter, const ShowFacts& facts = {});

/// SHOW COLUMNS IN TABLE | VIEW <name>; in a scope, Show.
StatementResult<RowSet> ShowColumnsOf(const Snapshot& snapshot, const Caller& caller,
                                      const ObjectName& relation,
                                      const std::optional<std::string>& like);

}  // namespace tarn::warehouse
