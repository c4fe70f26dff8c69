// SPDX-License-Identifier: Apache-2.0
#include "capture/source/table_catalog.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "capture/values/type_oids.h"

namespace tarn::capture {
namespace {

constexpr int kVersion12 = 120'000, kVersion13 = 130'000, kVersion15 = 150'000,
              kVersion18 = 180'000;

std::unexpected<Error> Refusal(std::string message, std::string detail, std::string hint) {
  return std::unexpected(
      Error{ErrorKind::kInvalidArgument, std::move(message), std::move(detail), std::move(hint)});
}

int64_t Number(const std::optional<std::string>& text) {
  int64_t number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

char Letter(const std::optional<std::string>& text) {
  return text && !text->empty() ? text->front() : '\0';
}

bool True(const std::optional<std::string>& text) { return Letter(text) == 't'; }

/// pg_class of a table, before it is known whether it can be replicated.
struct RelationRow {
  SourceTable table;
  char kind = 'r';
  char persistence = 'p';
  bool is_partition = false;
};

Result<RelationRow> FindRelation(SourceConnection& connection, const SourceName& name) {
  TARN_ASSIGN(
      const auto rows,
      connection.Run(
          "SELECT c.oid, c.relkind, c.relpersistence, c.relreplident, c.reltuples::pg_catalog.int8,"
          " pg_catalog.pg_relation_filenode(c.oid), c.relispartition"
          " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
          " WHERE n.nspname = $1::pg_catalog.text AND c.relname = $2::pg_catalog.text"
          " AND c.relkind IN ('r', 'p', 'v', 'm', 'f')",
          std::vector<std::string>{name.schema, name.table}));
  if (rows.empty()) {
    return Fail(ErrorKind::kNotFound, "table {} does not exist in the source", QuotedName(name));
  }
  const SourceRow& row = rows.front();
  RelationRow relation;
  relation.table.oid = RelationOid(static_cast<uint32_t>(Number(row[0])));
  relation.table.name = name;
  relation.kind = Letter(row[1]);
  relation.persistence = Letter(row[2]);
  relation.table.replica_identity = static_cast<ReplicaIdentity>(Letter(row[3]));
  relation.table.partitioned = relation.kind == 'p';
  relation.table.estimated_rows = Number(row[4]);
  relation.table.filenode = static_cast<uint32_t>(Number(row[5]));
  relation.is_partition = True(row[6]);
  return relation;
}

Result<> CheckKind(const RelationRow& relation) {
  const std::string name = QuotedName(relation.table.name);
  if (relation.kind == 'v' || relation.kind == 'm') {
    return Refusal(fmt::format("{} is a view", name), "Views have no changes to replicate.",
                   "Replicate the tables that it reads.");
  }
  if (relation.kind == 'f') {
    return Refusal(fmt::format("{} is a foreign table", name),
                   "Its rows are in another server, whose log has their changes.",
                   "Replicate it from there.");
  }
  if (relation.persistence == 'u') {
    return Refusal(fmt::format("table {} is unlogged", name),
                   "Changes of unlogged tables are not in the source's log.",
                   fmt::format("Run ALTER TABLE {} SET LOGGED in the source.", name));
  }
  if (relation.persistence == 't') {
    return Refusal(fmt::format("table {} is temporary", name),
                   "Changes of temporary tables are not in the source's log.", {});
  }
  return {};
}

/// Why a table is not among those that the publication sends, in words that help.
std::unexpected<Error> NotPublished(const RelationRow& relation, const std::string& publication,
                                    const Publication& how) {
  const std::string name = QuotedName(relation.table.name), quoted = QuotedName(publication);
  std::string message = fmt::format("publication {} does not have table {}", quoted, name);
  if (relation.table.partitioned && !how.via_root) {
    return Refusal(std::move(message),
                   "A partitioned table is sent as such only by a publication with "
                   "publish_via_partition_root.",
                   fmt::format("Run ALTER PUBLICATION {} SET (publish_via_partition_root = true) "
                               "in the source, and add the table if it is not there.",
                               quoted));
  }
  if (relation.is_partition && how.via_root) {
    return Refusal(std::move(message),
                   "It is a partition, and the publication sends changes of partitions as those of "
                   "their partitioned table.",
                   "Replicate the partitioned table.");
  }
  return Refusal(std::move(message), {},
                 fmt::format("Run ALTER PUBLICATION {} ADD TABLE {} in the source.", quoted, name));
}

/// What it leaves out would be missing here, and nothing would tell.
Result<> CheckSendsAll(const Publication& how, const std::string& publication) {
  std::string missing;
  for (const auto& [sends, name] : {std::pair(how.inserts, "insert"),
                                    {how.updates, "update"},
                                    {how.deletes, "delete"},
                                    {how.truncates, "truncate"}}) {
    if (!sends) missing += (missing.empty() ? "" : ", ") + std::string(name);
  }
  if (missing.empty()) return {};
  const std::string quoted = QuotedName(publication);
  return Refusal(fmt::format("publication {} does not send all changes", quoted),
                 fmt::format("Its option publish lacks: {}.", missing),
                 fmt::format("Run ALTER PUBLICATION {} SET (publish = 'insert, update, delete, "
                             "truncate') in the source.",
                             quoted));
}

/// Fills in the row filter. False: the publication does not have the table.
Result<bool> FindPublished(SourceConnection& connection, const std::string& publication,
                           SourceTable& table) {
  // Neither filters nor column lists before version 15.
  const char* const filter =
      connection.server_version() >= kVersion15 ? "rowfilter" : "NULL::pg_catalog.text";
  TARN_ASSIGN(
      const auto rows,
      connection.Run(
          fmt::format("SELECT {} FROM pg_catalog.pg_publication_tables"
                      " WHERE pubname = $1::pg_catalog.text AND schemaname = $2::pg_catalog.text"
                      " AND tablename = $3::pg_catalog.text",
                      filter),
          std::vector<std::string>{publication, table.name.schema, table.name.table}));
  if (rows.empty()) return false;
  table.row_filter = rows.front()[0];
  return true;
}

/// Domains are taken off one by one: each has the modifier for the type that it is made of. The
/// publication's list has the columns that it sends; generated ones only from version 18 on.
std::string ColumnsStatement(int version) {
  const std::string published =
      version >= kVersion15 ? "AND a.attname = ANY ((SELECT attnames"
                              " FROM pg_catalog.pg_publication_tables"
                              " WHERE pubname = $2::pg_catalog.text AND schemaname = "
                              "$3::pg_catalog.text AND tablename = $4::pg_catalog.text)"
                              "::pg_catalog.name[])"
                            : "AND $2::pg_catalog.text IS NOT NULL AND $3::pg_catalog.text IS NOT "
                              "NULL AND $4::pg_catalog.text IS NOT NULL";
  const std::string generated = version >= kVersion18 ? "" : "AND a.attgenerated = ''";
  return fmt::format(
      "WITH RECURSIVE base AS ("
      " SELECT a.attnum, a.attname, a.attnotnull, a.attgenerated,"
      "  CASE WHEN a.atthasmissing THEN pg_catalog.array_to_string(a.attmissingval, '') END"
      "  AS missing, pg_catalog.format_type(a.atttypid, a.atttypmod) AS shown,"
      "  a.atttypid AS type, a.atttypmod AS modifier"
      " FROM pg_catalog.pg_attribute a"
      " WHERE a.attrelid = $1::pg_catalog.oid AND a.attnum > 0 AND NOT a.attisdropped {} {}"
      " UNION ALL"
      " SELECT b.attnum, b.attname, b.attnotnull, b.attgenerated, b.missing, b.shown,"
      "  t.typbasetype, t.typtypmod"
      " FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.type WHERE t.typtype = 'd')"
      " SELECT b.attnum, b.attname, b.attnotnull, b.attgenerated <> '', b.shown, b.type,"
      "  b.modifier, t.typtype, t.typcategory = 'A' AND t.typelem <> 0, b.missing"
      " FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.type"
      " WHERE t.typtype <> 'd' ORDER BY b.attnum",
      published, generated);
}

/// How many digits amounts of money have behind the point follows from the database's locale, and
/// no other place of the catalogs tells it.
Result<> FindMoneyDigits(SourceConnection& connection, SourceTable& table) {
  const auto is_money = [](const SourceColumn& column) {
    return column.type.oid.value() == type_oid::kMoney;
  };
  if (std::ranges::none_of(table.columns, is_money)) return {};
  TARN_ASSIGN(const auto rows,
              connection.Run("SELECT pg_catalog.scale(1::pg_catalog.money::pg_catalog.numeric)"));
  for (SourceColumn& column : table.columns) {
    if (is_money(column)) column.type.modifier = static_cast<int32_t>(Number(rows[0][0]));
  }
  return {};
}

Result<> FindColumns(SourceConnection& connection, const std::string& publication,
                     SourceTable& table) {
  TARN_ASSIGN(const auto rows, connection.Run(ColumnsStatement(connection.server_version()),
                                              std::vector<std::string>{
                                                  std::to_string(table.oid.value()), publication,
                                                  table.name.schema, table.name.table}));
  for (const SourceRow& row : rows) {
    SourceColumn& column = table.columns.emplace_back();
    column.attribute_number = static_cast<int16_t>(Number(row[0]));
    column.name = row[1].value_or("");
    column.not_null = True(row[2]);
    column.generated = True(row[3]);
    column.type.name = row[4].value_or("");
    column.type.oid = TypeOid(static_cast<uint32_t>(Number(row[5])));
    column.type.modifier = static_cast<int32_t>(Number(row[6]));
    column.type.type_class = static_cast<TypeClass>(Letter(row[7]));
    column.type.is_array = True(row[8]);
    column.missing = row[9];
  }
  return FindMoneyDigits(connection, table);
}

/// Positions of an index's columns, in its order; none if one of them is not replicated.
std::vector<size_t> Positions(const SourceTable& table, const std::vector<int64_t>& attributes) {
  std::vector<size_t> positions;
  for (const int64_t attribute : attributes) {
    const auto found = std::ranges::find(table.columns, attribute, &SourceColumn::attribute_number);
    if (found == table.columns.end()) return {};
    positions.push_back(static_cast<size_t>(found - table.columns.begin()));
  }
  return positions;
}

Result<> FindKeys(SourceConnection& connection, SourceTable& table) {
  // Columns that an index only includes come behind those of its key.
  TARN_ASSIGN(const auto rows,
              connection.Run("SELECT i.indisprimary, i.indisreplident, i.indimmediate, k.attnum"
                             " FROM pg_catalog.pg_index i, pg_catalog.unnest(i.indkey)"
                             " WITH ORDINALITY AS k (attnum, position)"
                             " WHERE i.indrelid = $1::pg_catalog.oid AND i.indisvalid"
                             " AND (i.indisprimary OR i.indisreplident)"
                             " AND k.position <= i.indnkeyatts"
                             " ORDER BY i.indexrelid, k.position",
                             std::vector<std::string>{std::to_string(table.oid.value())}));
  std::vector<int64_t> primary, replica;
  bool immediate = true;
  for (const SourceRow& row : rows) {
    if (True(row[0])) {
      primary.push_back(Number(row[3]));
      immediate = True(row[2]);
    }
    if (True(row[1])) replica.push_back(Number(row[3]));
  }
  table.primary_key = Positions(table, primary);
  switch (table.replica_identity) {
    case ReplicaIdentity::kDefault:
      // A key that is checked at the end only identifies nothing.
      if (immediate) table.identity = table.primary_key;
      break;
    case ReplicaIdentity::kIndex:
      table.identity = Positions(table, replica);
      break;
    case ReplicaIdentity::kFull:
      for (size_t i = 0; i < table.columns.size(); ++i) table.identity.push_back(i);
      break;
    case ReplicaIdentity::kNothing:
      break;
  }
  return {};
}

}  // namespace

Result<SystemIdentity> IdentifySystem(SourceConnection& connection) {
  // The control file knows a new timeline only after a checkpoint; the log's name, at once.
  TARN_ASSIGN(
      const auto rows,
      connection.Run(
          "SELECT (pg_catalog.pg_control_system()).system_identifier,"
          " CASE WHEN pg_catalog.pg_is_in_recovery() THEN GREATEST("
          "  (pg_catalog.pg_control_checkpoint()).timeline_id,"
          "  (pg_catalog.pg_control_recovery()).min_recovery_end_timeline)"
          " ELSE ('x' || pg_catalog.substr(pg_catalog.pg_walfile_name("
          "  pg_catalog.pg_current_wal_lsn()), 1, 8))::pg_catalog.bit(32)::pg_catalog.int4 END"));
  return SystemIdentity{rows[0][0].value_or(""), Number(rows[0][1])};
}

Result<Publication> FindPublication(SourceConnection& connection, const std::string& publication) {
  const char* const via_root = connection.server_version() >= kVersion13 ? "pubviaroot" : "false";
  TARN_ASSIGN(const auto rows,
              connection.Run(fmt::format("SELECT pubinsert, pubupdate, pubdelete, pubtruncate, {}"
                                         " FROM pg_catalog.pg_publication"
                                         " WHERE pubname = $1::pg_catalog.text",
                                         via_root),
                             std::vector<std::string>{publication}));
  if (rows.empty()) {
    Error error{ErrorKind::kNotFound,
                fmt::format("publication \"{}\" does not exist in the source", publication),
                {},
                fmt::format("Run CREATE PUBLICATION {} FOR TABLE … WITH "
                            "(publish_via_partition_root = true) in the source.",
                            QuotedName(publication))};
    return std::unexpected(std::move(error));
  }
  const SourceRow& row = rows.front();
  return Publication{True(row[0]), True(row[1]), True(row[2]), True(row[3]), True(row[4])};
}

namespace {

Result<SourceTable> DescribeNow(SourceConnection& connection, const std::string& publication,
                                const SourceName& name) {
  TARN_ASSIGN(const Publication how, FindPublication(connection, publication));
  TARN_TRY(CheckSendsAll(how, publication));
  TARN_ASSIGN(RelationRow relation, FindRelation(connection, name));
  TARN_TRY(CheckKind(relation));
  TARN_ASSIGN(const bool published, FindPublished(connection, publication, relation.table));
  if (!published) return NotPublished(relation, publication, how);
  TARN_TRY(FindColumns(connection, publication, relation.table));
  TARN_TRY(FindKeys(connection, relation.table));
  return std::move(relation.table);
}

}  // namespace

Result<SourceTable> DescribeTable(SourceConnection& connection, const std::string& publication,
                                  const SourceName& name) {
  SourceTable table;
  // A table that is dropped meanwhile would lack columns or a key.
  TARN_TRY(connection.AtOneMoment([&]() -> Result<> {
    TARN_ASSIGN(table, DescribeNow(connection, publication, name));
    return {};
  }));
  return table;
}

Result<std::vector<SourceName>> ListTables(SourceConnection& connection,
                                           const std::string& publication) {
  TARN_TRY(FindPublication(connection, publication));
  TARN_ASSIGN(const auto rows,
              connection.Run("SELECT schemaname, tablename FROM pg_catalog.pg_publication_tables"
                             " WHERE pubname = $1::pg_catalog.text ORDER BY 1, 2",
                             std::vector<std::string>{publication}));
  std::vector<SourceName> names;
  for (const SourceRow& row : rows) names.push_back({row[0].value_or(""), row[1].value_or("")});
  return names;
}

Result<> CheckReadiness(SourceConnection& connection) {
  if (connection.server_version() < kVersion12) {
    return Fail(ErrorKind::kUnsupported, "the source is older than PostgreSQL 12");
  }
  TARN_ASSIGN(const auto recovery, connection.Run("SELECT pg_catalog.pg_is_in_recovery()"));
  if (True(recovery.front()[0])) {
    return Refusal("the source is a standby",
                   "Slots are made and changes are read on the primary alone.",
                   "Name the primary, or several hosts with targetServerType=primary.");
  }
  TARN_ASSIGN(
      const auto rows,
      connection.Run("SELECT pg_catalog.current_setting('wal_level'), CURRENT_USER,"
                     // Amazon's servers have no attribute, but a role for it.
                     " (SELECT r.rolreplication OR r.rolsuper FROM pg_catalog.pg_roles r"
                     "  WHERE r.rolname = CURRENT_USER)"
                     " OR EXISTS (SELECT FROM pg_catalog.pg_roles r"
                     "  WHERE r.rolname IN ('rds_replication', 'rds_superuser')"
                     "  AND pg_catalog.pg_has_role(CURRENT_USER, r.oid, 'MEMBER')),"
                     " pg_catalog.current_setting('max_replication_slots')::pg_catalog.int8,"
                     " (SELECT pg_catalog.count(*) FROM pg_catalog.pg_replication_slots),"
                     " pg_catalog.current_setting('max_wal_senders')::pg_catalog.int8,"
                     " (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_replication)"));
  const SourceRow& row = rows.front();
  if (row[0] != "logical") {
    return Refusal(fmt::format("the source's wal_level is \"{}\"", row[0].value_or("")),
                   "Changes can be read only from a log that is written with wal_level = logical.",
                   "Run ALTER SYSTEM SET wal_level = logical in the source and restart it.");
  }
  if (!True(row[2])) {
    const std::string role = row[1].value_or("");
    return Refusal(fmt::format("role \"{}\" may not replicate", role),
                   "Reading the source's log takes the attribute REPLICATION.",
                   fmt::format("Run ALTER ROLE {} REPLICATION in the source.", QuotedName(role)));
  }
  if (Number(row[4]) >= Number(row[3])) {
    return Refusal("the source has no replication slot left",
                   fmt::format("All {} are in use.", Number(row[3])),
                   "Drop one that is not needed, or raise max_replication_slots in the source and "
                   "restart it.");
  }
  if (Number(row[6]) >= Number(row[5])) {
    return Refusal("the source has no process left that sends its log",
                   fmt::format("All {} are in use.", Number(row[5])),
                   "Raise max_wal_senders in the source and restart it.");
  }
  return {};
}

}  // namespace tarn::capture
