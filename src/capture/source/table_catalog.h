// SPDX-License-Identifier: Apache-2.0
// What a source's catalogs say of its tables.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "capture/source/source_connection.h"
#include "capture/source_table.h"

namespace tarn::capture {

/// Which server and history a position belongs to (IDENTIFY_SYSTEM).
struct SystemIdentity {
  std::string system_identifier;
  int64_t timeline = 0;
  bool operator==(const SystemIdentity&) const = default;
};
Result<SystemIdentity> IdentifySystem(SourceConnection& connection);

/// What a publication says it sends.
struct Publication {
  bool inserts = false, updates = false, deletes = false, truncates = false;
  bool via_root = false;
};
/// NotFound, and how to make it.
Result<Publication> FindPublication(SourceConnection& connection, const std::string& publication);

/// The table as the publication has it: with its column list and row filter. NotFound for a table
/// that does not exist; InvalidArgument, with what to do, for one that the publication does not
/// have, and for views, foreign and unlogged tables.
Result<SourceTable> DescribeTable(SourceConnection& connection, const std::string& publication,
                                  const SourceName& name);
/// Every table of the publication, by name.
Result<std::vector<SourceName>> ListTables(SourceConnection& connection,
                                           const std::string& publication);

/// InvalidArgument, with detail and hint, for what makes capture impossible: wal_level, the role
/// without REPLICATION, no free slot or sender.
Result<> CheckReadiness(SourceConnection& connection);

}  // namespace tarn::capture
