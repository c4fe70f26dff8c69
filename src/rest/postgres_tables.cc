// SPDX-License-Identifier: Apache-2.0
#include "rest/postgres_tables.h"

#include <algorithm>

#include "warehouse/instances/extension_relations.h"

namespace tarn::rest::postgres {
namespace {

using iceberg::Json;
using provision::ServerConnection;
using provision::ServerRow;

constexpr const char* kTables = R"(
SELECT c.relname, format('%I.%I', n.nspname, c.relname), pg_get_userbyid(c.relowner),
       p.metadata_location
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN {} p ON p.table_oid = c.oid
 WHERE n.nspname = $1 AND ($2 = '' OR c.relname = $3) AND c.relkind = 'r'
   AND p.metadata_location IS NOT NULL
   AND EXISTS (SELECT FROM pg_depend d
                 JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'tarn'
                WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
                  AND d.classid = 'pg_am'::regclass AND d.objid = c.relam))";

constexpr const char* kUserSchemas = R"(
SELECT n.nspname FROM pg_namespace n
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend d
                    WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid
                      AND d.deptype = 'e')
   AND NOT EXISTS (SELECT FROM pg_extension e WHERE e.extname = 'tarn' AND e.extnamespace = n.oid))";

// What ALTER TABLE would evaluate over rows: checks, domains' checks, generated columns.
constexpr const char* kEvaluates = R"(
SELECT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = $1::regclass AND k.contype = 'c')
    OR EXISTS (SELECT FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
                WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped
                  AND (a.attgenerated <> '' OR t.typtype = 'd')))";

Reply<std::vector<LakeTable>> FindTables(ServerConnection& connection, const std::string& schema,
                                         const std::optional<std::string>& name) {
  REST_ASSIGN(const auto extension, warehouse::FindExtension(connection));
  std::vector<LakeTable> tables;
  if (!extension) return tables;
  const std::vector<std::string> parameters = {schema, name ? "one" : "", name.value_or("")};
  REST_ASSIGN(const auto rows,
              connection.Run(fmt::format(fmt::runtime(kTables), extension->pointers), parameters));
  for (const ServerRow& row : rows) {
    tables.push_back({.name = row[0].value(),
                      .quoted = row[1].value(),
                      .owner = row[2].value(),
                      .metadata_location = row[3].value()});
  }
  return tables;
}

bool ChangesColumns(const Json& updates) {
  return updates.is_array() && std::ranges::any_of(updates, [](const Json& update) {
           if (!update.is_object() || !update.contains("action")) return false;
           const Json& action = update["action"];
           return action == "add-schema" || action == "set-current-schema";
         });
}

/// Locks the table first, so that no check comes between.
Reply<> CheckNothingEvaluated(ServerConnection& connection, const Change& change) {
  REST_TRY(connection.Run(
      fmt::format("LOCK TABLE ONLY {} IN ACCESS EXCLUSIVE MODE", change.table.quoted)));
  const std::vector<std::string> parameters = {change.table.quoted};
  REST_ASSIGN(const auto rows, connection.Run(kEvaluates, parameters));
  if (rows[0][0] == "f") return {};
  return std::unexpected(
      Failure{406, "UnsupportedOperationException",
              fmt::format("Columns of {} do not follow: the table has checks, domains or generated "
                          "columns. Use ALTER TABLE in PostgreSQL",
                          ToString(change.identifier))});
}

Reply<std::vector<std::string>> CommitWithin(ServerConnection& connection,
                                             const std::vector<Change>& changes) {
  REST_ASSIGN(const auto extension, warehouse::FindExtension(connection));
  if (!extension) return NoSuchTable(ToString(changes.front().identifier));
  Json statement = Json::array();
  for (const Change& change : changes) {
    if (change.table.owner != changes.front().table.owner) {
      return std::unexpected(
          Failure{406, "UnsupportedOperationException",
                  fmt::format("{} and {} have different owners in PostgreSQL: commit them one by "
                              "one",
                              ToString(changes.front().identifier), ToString(change.identifier))});
    }
    if (ChangesColumns(change.updates)) REST_TRY(CheckNothingEvaluated(connection, change));
    statement.push_back({{"table", change.table.quoted},
                         {"requirements", change.requirements},
                         {"updates", change.updates}});
  }
  const std::vector<std::string> owner = {changes.front().table.owner};
  REST_TRY(connection.Run("SELECT set_config('role', $1, true)", owner));
  const std::vector<std::string> parameters = {statement.dump()};
  REST_ASSIGN(
      const auto rows,
      connection.Run(fmt::format("SELECT {}($1::jsonb)", extension->commit_tables), parameters));
  const Json answer = Json::parse(rows[0][0].value_or("null"), nullptr, false);
  std::vector<std::string> locations;
  for (const Json& table : answer.is_array() ? answer : Json::array()) {
    if (!table.is_object()) break;
    const auto location = table.find("metadata-location");
    if (location != table.end() && location->is_string()) locations.push_back(*location);
  }
  if (locations.size() != changes.size()) {
    return std::unexpected(Failure{500, "InternalServerError", "unexpected answer of the server"});
  }
  return locations;
}

}  // namespace

Reply<std::vector<std::string>> Schemas(ServerConnection& connection) {
  REST_ASSIGN(const auto rows, connection.Run(kUserSchemas));
  std::vector<std::string> names;
  for (const ServerRow& row : rows) names.push_back(row[0].value());
  return names;
}

Reply<bool> SchemaExists(ServerConnection& connection, const std::string& schema) {
  REST_ASSIGN(const auto names, Schemas(connection));
  return std::ranges::find(names, schema) != names.end();
}

Reply<std::vector<LakeTable>> TablesOf(ServerConnection& connection, const std::string& schema) {
  return FindTables(connection, schema, std::nullopt);
}

Reply<std::optional<LakeTable>> FindTable(ServerConnection& connection, const std::string& schema,
                                          const std::string& name) {
  REST_ASSIGN(auto tables, FindTables(connection, schema, name));
  if (tables.empty()) return std::nullopt;
  return std::move(tables.front());
}

Reply<std::vector<std::string>> Commit(ServerConnection& connection,
                                       const std::vector<Change>& changes) {
  REST_TRY(connection.Run("BEGIN"));
  auto locations = CommitWithin(connection, changes);
  if (!locations) {
    // A connection that is lost has rolled back, too.
    (void)connection.Run("ROLLBACK");
    return locations;
  }
  const auto committed = connection.Commit();
  if (!committed) {
    if (committed.error().kind != ErrorKind::kCommitStateUnknown) (void)connection.Run("ROLLBACK");
    return std::unexpected(AsFailure(committed.error()));
  }
  return locations;
}

}  // namespace tarn::rest::postgres
