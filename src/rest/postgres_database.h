// SPDX-License-Identifier: Apache-2.0
// Which database of which managed PostgreSQL server a request is about.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rest/call.h"

namespace tarn::rest {

/// The database that a request names, by its prefix, its namespace, or that of the first table that
/// it changes. Absent: none.
std::optional<std::string> NamedDatabase(const Call& call);

/// What "server.database" denotes. Absent: nothing that the caller may use (USAGE on the POSTGRES
/// INSTANCE), or a database of the warehouse, which goes first. Whether the database exists is not
/// asked.
Reply<std::optional<PostgresDatabase>> FindPostgresDatabase(const Service& service,
                                                            const warehouse::Snapshot& snapshot,
                                                            const warehouse::Caller& caller,
                                                            const std::string& name);

/// "server.database" of all that the caller may use and whose servers run. Blocks while they are
/// asked.
Reply<std::vector<std::string>> PostgresDatabaseNames(const Service& service,
                                                      const warehouse::Snapshot& snapshot,
                                                      const warehouse::Caller& caller);

/// The levels of a namespace below the database.
std::vector<std::string> LevelsInDatabase(const Call& call, const std::vector<std::string>& levels);

}  // namespace tarn::rest
