// SPDX-License-Identifier: Apache-2.0
// The SQL that makes a PostgreSQL database the mirror of a database of the warehouse. Statements
// end with a semicolon and an empty line, and run once, by the owner, in single-user mode with
// allow_system_table_mods: functions and relations of pg_catalog that would tell of the server are
// renamed, and others that tell of the session stand in their place.
#pragma once

#include <string_view>

namespace tarn::server::catalogues {

/// OIDs from here on are the server's own; below are ids of the metastore.
inline constexpr int64_t kFirstOwnOid = 3'000'000'000;

/// current_database, version, pg_get_viewdef and others; matching of names without case.
std::string_view ReplacedFunctions();
/// pg_database, pg_roles and others.
std::string_view ReplacedRelations();
/// tarn_add_relations and others, which take JSON (mirror_content.h) and write system catalogues.
std::string_view FillingFunctions();
/// Takes from PUBLIC what changes something or tells of others. Runs after the others, and before
/// PostgreSQL's own information_schema.sql, which it makes room for.
std::string_view Rights();

}  // namespace tarn::server::catalogues
