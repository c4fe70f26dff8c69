// SPDX-License-Identifier: Apache-2.0
#include "cli/capture/captured_source.h"

#include <fmt/ranges.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "capture/source/server_session.h"
#include "capture/source/slot.h"
#include "capture/source/table_catalog.h"

namespace tarn::cli {
namespace {

using capture::QuotedName;
using capture::SourceConnection;
using capture::SourceName;

/// What a connection depends on, and another process has to know.
constexpr std::array<std::string_view, 11> kKept = {"host",
                                                    "hostaddr",
                                                    "port",
                                                    "dbname",
                                                    "user",
                                                    "sslmode",
                                                    "sslrootcert",
                                                    "sslcert",
                                                    "sslkey",
                                                    "sslcrl",
                                                    "target_session_attrs"};

std::unexpected<Error> Refusal(std::string message, std::string detail, std::string hint) {
  return std::unexpected(
      Error{ErrorKind::kInvalidArgument, std::move(message), std::move(detail), std::move(hint)});
}

/// With what libpq took from elsewhere.
capture::ConnectionSettings Completed(capture::ConnectionSettings settings, PGconn* connection) {
  PQconninfoOption* const options = PQconninfo(connection);
  for (const PQconninfoOption* option = options; option != nullptr && option->keyword != nullptr;
       ++option) {
    const bool kept = std::ranges::find(kKept, option->keyword) != kKept.end();
    if (kept && option->val != nullptr && *option->val != '\0') {
      settings.keywords.try_emplace(option->keyword, option->val);
    }
  }
  PQconninfoFree(options);
  const auto fill = [&](const char* keyword, const char* value) {
    std::string& known = settings.keywords[keyword];
    if (known.empty() && value != nullptr) known = value;
  };
  fill("host", PQhost(connection));
  fill("port", PQport(connection));
  fill("dbname", PQdb(connection));
  fill("user", PQuser(connection));
  if (const char* const password = PQpass(connection); password != nullptr && *password != '\0') {
    settings.password = password;
  }
  return settings;
}

struct Candidate {
  SourceName name;
  bool has_key = false, may_read = false;
};

/// Tables that have changes of their own in the log. Partitions are their root's, tables of
/// extensions are no data, and rows of Iceberg tables are not in the log.
Result<std::vector<Candidate>> FindCandidates(SourceConnection& source) {
  TARN_ASSIGN(
      const auto rows,
      source.Run(
          "SELECT n.nspname, c.relname, c.relreplident <> 'n' AND EXISTS (SELECT FROM"
          "  pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisvalid AND (i.indisprimary"
          "  OR (i.indisreplident AND c.relreplident = 'i'))),"
          " pg_catalog.has_table_privilege(c.oid, 'SELECT')"
          "  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')"
          " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
          " LEFT JOIN pg_catalog.pg_am a ON a.oid = c.relam"
          " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence = 'p'"
          " AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"
          " AND a.amname IS DISTINCT FROM 'iceberg'"
          " AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = c.oid"
          "  AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype = 'e')"
          " ORDER BY 1, 2"));
  std::vector<Candidate> candidates;
  for (const capture::SourceRow& row : rows) {
    candidates.push_back({.name = {row[0].value_or(""), row[1].value_or("")},
                          .has_key = row[2] == "t",
                          .may_read = row[3] == "t"});
  }
  return candidates;
}

Result<> CheckCandidate(const Candidate& candidate) {
  const std::string name = QuotedName(candidate.name);
  if (name.find("\"\"") != std::string::npos) {
    return Refusal(fmt::format("table {} has a double quote in its name", name),
                   "Such names cannot be captured.", "Rename it, or its schema, in the source.");
  }
  if (!candidate.has_key) {
    return Refusal(fmt::format("table {} has no key", name),
                   "Without a primary key, or an index as replica identity, nothing tells which "
                   "row a change is of.",
                   fmt::format("Run ALTER TABLE {} ADD PRIMARY KEY (…) in the source.", name));
  }
  if (candidate.may_read) return {};
  return Refusal(
      fmt::format("table {} may not be read", name), {},
      fmt::format("As its owner, run GRANT USAGE ON SCHEMA {}, and GRANT SELECT ON {}, to the role "
                  "that you connect as.",
                  QuotedName(candidate.name.schema), name));
}

Result<Candidate> FindTable(const std::vector<Candidate>& candidates, const std::string& written) {
  std::vector<const Candidate*> found;
  for (const Candidate& each : candidates) {
    if (each.name.schema + "." + each.name.table == written) return each;
    if (each.name.table == written) found.push_back(&each);
  }
  const auto in_public = std::ranges::find_if(
      found, [](const Candidate* each) { return each->name.schema == "public"; });
  if (in_public != found.end()) return **in_public;
  if (found.size() == 1) return *found.front();
  if (found.empty()) {
    return std::unexpected(
        Error{ErrorKind::kNotFound,
              fmt::format("the source has no table \"{}\" that can be captured", written),
              "Views, foreign, unlogged and temporary tables, single partitions and Iceberg tables "
              "have no changes to capture.",
              "Write it as the source has it, letter by letter: --tables schema.table."});
  }
  return Refusal(fmt::format("several schemas have a table \"{}\"", written), {},
                 fmt::format("Say which: --tables {}.{}.", found.front()->name.schema, written));
}

std::string Listed(const std::vector<SourceName>& tables) {
  std::string list;
  for (const SourceName& name : tables) list += (list.empty() ? "" : ", ") + QuotedName(name);
  return list;
}

/// Somebody who may has to do it.
std::unexpected<Error> MustBeRun(const Error& refused, const std::string& what,
                                 const std::string& statement) {
  return std::unexpected(Error{
      refused.kind, what, refused.message + (refused.detail.empty() ? "" : ". " + refused.detail),
      fmt::format("As the owner of the tables, run this in the source, then the same command "
                  "again: {};",
                  statement)});
}

}  // namespace

Result<OpenedSource> OpenSource(std::string_view url) {
  TARN_ASSIGN(capture::ConnectionSettings settings, capture::ParsePostgresUrl(url));
  OpenedSource opened;
  {
    auto session = capture::OpenSession(settings, capture::SessionKind::kQueries);
    if (!session) {
      Error error = std::move(session).error();
      if (error.kind == ErrorKind::kPermissionDenied && settings.password.empty()) {
        error.hint = "Give a password in the URL, in PGPASSWORD or in ~/.pgpass.";
      }
      return std::unexpected(std::move(error));
    }
    opened.settings = Completed(std::move(settings), session->get());
  }
  opened.database = opened.settings.keywords.at("dbname");
  TARN_ASSIGN(opened.connection, SourceConnection::Open(opened.settings));
  return opened;
}

Result<std::vector<SourceName>> ChooseTables(SourceConnection& source,
                                             const std::vector<std::string>& tables,
                                             std::vector<std::string>& skipped) {
  TARN_ASSIGN(const auto candidates, FindCandidates(source));
  std::vector<SourceName> chosen;
  const auto choose = [&](const SourceName& name) {
    if (std::ranges::find(chosen, name) == chosen.end()) chosen.push_back(name);
  };
  for (const std::string& written : tables) {
    TARN_ASSIGN(const Candidate candidate, FindTable(candidates, written));
    TARN_TRY(CheckCandidate(candidate));
    choose(candidate.name);
  }
  if (!tables.empty()) return chosen;
  for (const Candidate& candidate : candidates) {
    if (const auto fits = CheckCandidate(candidate); !fits) {
      skipped.push_back(fits.error().message);
    } else {
      choose(candidate.name);
    }
  }
  if (!chosen.empty()) return chosen;
  return std::unexpected(
      Error{ErrorKind::kNotFound, "the source has no table to capture",
            skipped.empty() ? std::string() : fmt::format("{}.", fmt::join(skipped, "; ")),
            "Make one with a primary key that this role may read."});
}

Result<bool> EnsurePublication(SourceConnection& source, const std::string& publication,
                               const std::vector<SourceName>& tables) {
  const std::string quoted = QuotedName(publication);
  const auto known = capture::FindPublication(source, publication);
  if (!known && known.error().kind != ErrorKind::kNotFound) {
    return std::unexpected(known.error());
  }
  if (!known) {
    // Version 12 has no such option, and its partitions are tables of their own.
    constexpr int kVersion13 = 130'000;
    const char* const options =
        source.server_version() >= kVersion13 ? " WITH (publish_via_partition_root = true)" : "";
    const std::string statement =
        fmt::format("CREATE PUBLICATION {} FOR TABLE {}{}", quoted, Listed(tables), options);
    if (const auto made = source.Run(statement); !made) {
      return MustBeRun(made.error(), fmt::format("could not make publication {}", quoted),
                       statement);
    }
    return true;
  }
  if (!known->inserts || !known->updates || !known->deletes || !known->truncates) {
    return Refusal(fmt::format("publication {} does not send all changes", quoted), {},
                   fmt::format("Run ALTER PUBLICATION {} SET (publish = 'insert, update, delete, "
                               "truncate') in the source, or name another one with --publication.",
                               quoted));
  }
  TARN_ASSIGN(const auto published, capture::ListTables(source, publication));
  std::vector<SourceName> missing;
  for (const SourceName& name : tables) {
    if (std::ranges::find(published, name) == published.end()) missing.push_back(name);
  }
  if (missing.empty()) return false;
  const std::string statement =
      fmt::format("ALTER PUBLICATION {} ADD TABLE {}", quoted, Listed(missing));
  if (const auto added = source.Run(statement); !added) {
    return MustBeRun(added.error(), fmt::format("could not add tables to publication {}", quoted),
                     statement);
  }
  return false;
}

Result<> RemoveTraces(SourceConnection& source, const std::string& slot,
                      const std::string& publication) {
  constexpr auto kPatience = std::chrono::seconds(20);
  constexpr auto kPause = std::chrono::milliseconds(100);
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    TARN_ASSIGN(const auto state, capture::DescribeSlot(source, slot));
    if (!state) break;
    if (!state->active) {
      TARN_TRY(capture::DropSlot(source, slot));
      break;
    }
    if (std::chrono::steady_clock::now() >= end) {
      return std::unexpected(
          Error{ErrorKind::kConflict,
                fmt::format("replication slot \"{}\" is still read", slot),
                {},
                fmt::format("When its reader is gone, run SELECT pg_drop_replication_slot('{}') "
                            "in the source.",
                            slot)});
    }
    std::this_thread::sleep_for(kPause);
  }
  if (publication.empty()) return {};
  TARN_TRY(source.Run(fmt::format("DROP PUBLICATION IF EXISTS {}", QuotedName(publication))));
  return {};
}

}  // namespace tarn::cli
