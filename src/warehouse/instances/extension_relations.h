// SPDX-License-Identifier: Apache-2.0
// What of the extension in a database is asked by name.
#pragma once

#include <optional>
#include <string>

#include "provision/server_connection.h"

namespace tarn::warehouse {

/// Names as SQL reads them.
struct ExtensionRelations {
  std::string pointers;       ///< tarn.tables: table_oid, metadata_location
  std::string commit_tables;  ///< the function
};

/// Absent: the database does not have the extension. What is the extension's is known by its
/// membership and its owner, never by a name that anybody can give.
Result<std::optional<ExtensionRelations>> FindExtension(provision::ServerConnection& connection);

}  // namespace tarn::warehouse
