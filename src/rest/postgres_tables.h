// SPDX-License-Identifier: Apache-2.0
// Lake tables of a PostgreSQL database, as its catalogues tell of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "provision/server_connection.h"
#include "rest/call.h"

namespace tarn::rest::postgres {

struct LakeTable {
  std::string name;
  std::string quoted;  ///< with its schema, as SQL and regclass read it
  std::string owner;
  std::string metadata_location;  ///< as of the newest commit that the transaction sees
};

/// Schemas that are users' own.
Reply<std::vector<std::string>> Schemas(provision::ServerConnection& connection);
Reply<bool> SchemaExists(provision::ServerConnection& connection, const std::string& schema);

Reply<std::vector<LakeTable>> TablesOf(provision::ServerConnection& connection,
                                       const std::string& schema);
Reply<std::optional<LakeTable>> FindTable(provision::ServerConnection& connection,
                                          const std::string& schema, const std::string& name);

/// {"table", "requirements", "updates"} of one table.
struct Change {
  Identifier identifier;
  LakeTable table;
  iceberg::Json requirements, updates;
};

/// All in one transaction, as the owner that the tables share: the new metadata files, in order.
/// Nothing that users wrote runs with more rights than theirs: columns do not follow where
/// PostgreSQL would run functions of theirs over rows.
Reply<std::vector<std::string>> Commit(provision::ServerConnection& connection,
                                       const std::vector<Change>& changes);

}  // namespace tarn::rest::postgres
