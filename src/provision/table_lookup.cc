// SPDX-License-Identifier: Apache-2.0
#include "provision/table_lookup.h"

#include <nlohmann/json.hpp>

#include "provision/process.h"
#include "provision/server_config.h"

namespace tarn::provision {
namespace {

namespace fs = std::filesystem;

// The superuser asks, in a database that somebody else owns: nothing of theirs may run. So names
// are looked for in pg_catalog only, views are refused, and what is the extension's own is known by
// its membership and by its owner, never by a name that anybody can give.
constexpr const char* kQuestion = R"(
SET search_path TO pg_catalog;
SET restrict_nonsystem_relation_kind TO 'view, foreign-table';
SELECT coalesce(max(c.oid::regclass::text), '') AS pointers, count(*) > 0 AS installed
  FROM pg_extension e
  JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
   AND d.classid = 'pg_class'::regclass AND d.deptype = 'e'
  JOIN pg_class c ON c.oid = d.objid
 WHERE e.extname = 'tarn' AND c.relname = 'tables' AND c.relkind IN ('m', 'r') AND c.relowner = 10 \gset
SELECT count(*) > 0 AS found,
       coalesce(bool_or(:'installed'::bool AND EXISTS (
         SELECT FROM pg_depend d
           JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'tarn'
          WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
            AND d.classid = 'pg_am'::regclass AND d.objid = c.relam)), false) AS lake,
       coalesce(max(c.oid::int8), 0) AS relation
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = :'schema' AND c.relname = :'table' \gset
\if :lake
SELECT json_build_object('lake', true,
         'metadata', (SELECT metadata_location FROM :pointers WHERE table_oid = :relation),
         'buckets', current_setting('tarn.buckets_directory'),
         'data', current_setting('data_directory'));
\else
SELECT json_build_object('lake', false, 'found', :'found'::bool);
\endif
)";

/// A value of a connection string.
std::string ConnectionValue(const std::string& text) {
  std::string quoted = "'";
  for (const char byte : text) {
    if (byte == '\'' || byte == '\\') quoted += '\\';
    quoted += byte;
  }
  return quoted + "'";
}

std::string LastLine(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  const size_t before = text.rfind('\n');
  return std::string(before == std::string_view::npos ? text : text.substr(before + 1));
}

std::unexpected<Error> Unanswered(const InstanceRecord& record, const TableName& name,
                                  const CommandOutput& output) {
  // The server's messages are in English: so was it initialised.
  if (output.text.find(fmt::format("database \"{}\" does not exist", name.database)) !=
      std::string::npos) {
    return std::unexpected(Error{
        ErrorKind::kNotFound,
        fmt::format("database \"{}\" does not exist in instance \"{}\"", name.database,
                    record.name),
        {},
        "A table is named as database.schema.table; parts with other characters than lower-case "
        "letters, digits and underscores go in double quotes."});
  }
  return std::unexpected(
      Error{ErrorKind::kUnavailable,
            fmt::format("could not ask instance \"{}\" for table {}", record.name, ToString(name)),
            output.text,
            {}});
}

Result<FoundTable> ReadAnswer(const InstanceRecord& record, const TableName& name,
                              const std::string& line) {
  const auto answer = nlohmann::json::parse(line, nullptr, false);
  if (!answer.is_object() || !answer.contains("lake")) {
    return Fail(ErrorKind::kInternal, "unexpected answer of instance \"{}\": {}", record.name,
                line);
  }
  if (!answer["lake"].get<bool>()) {
    if (answer.value("found", false)) {
      return std::unexpected(Error{ErrorKind::kInvalidArgument,
                                   fmt::format("{} is not a lake table", ToString(name)),
                                   {},
                                   "Only tables made USING iceberg have files to verify; of a "
                                   "partitioned table, name a partition."});
    }
    return std::unexpected(Error{
        ErrorKind::kNotFound,
        fmt::format("table {} does not exist in instance \"{}\"", ToString(name), record.name),
        {},
        "Names without double quotes are folded to lower case, as in SQL."});
  }
  if (!answer["metadata"].is_string()) {
    return Fail(ErrorKind::kNotFound, "lake table {} has no metadata file yet", ToString(name));
  }
  return FoundTable{.metadata_location = answer["metadata"],
                    .buckets = fs::path(answer["data"].get<std::string>()) /
                               answer["buckets"].get<std::string>()};
}

}  // namespace

Result<FoundTable> LookUpTable(const Runtime& runtime, const InstanceRecord& record,
                               const TableName& name) {
  const std::string connection =
      fmt::format("host={} port={} user={} dbname={} connect_timeout=10",
                  ConnectionValue(record.socket_directory), record.address.port, kOwnerRole,
                  ConnectionValue(name.database));
  TARN_ASSIGN(
      const CommandOutput output,
      Run({.argv = {runtime.program("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-v",
                    "schema=" + name.schema, "-v", "table=" + name.table, "-d", connection},
           .input = kQuestion}));
  if (output.status != 0) return Unanswered(record, name, output);
  return ReadAnswer(record, name, LastLine(output.text));
}

}  // namespace tarn::provision
