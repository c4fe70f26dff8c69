// SPDX-License-Identifier: Apache-2.0
#include "capture/source/server_session.h"

#include <poll.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <map>
#include <optional>
#include <vector>

#include "base/sqlstate.h"

namespace tarn::capture {
namespace {

using Clock = std::chrono::steady_clock;
using Keywords = std::map<std::string, std::string>;

// What text forms and names depend on, and what must not end a long copy. row_security off makes a
// policy that would hide rows an error. Settings that not every version has follow once the version
// is known.
constexpr const char* kSessionOptions =
    "-c search_path= -c TimeZone=UTC -c DateStyle=ISO,YMD -c IntervalStyle=postgres "
    "-c extra_float_digits=3 -c bytea_output=hex -c xmloption=content "
    "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0 "
    "-c row_security=off -c standard_conforming_strings=on -c client_min_messages=error "
    "-c default_transaction_isolation=read\\ committed -c default_transaction_deferrable=off";

constexpr int kVersion14 = 140'000, kVersion17 = 170'000;
constexpr int kConnectSeconds = 10;

std::string Trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) {
    text.remove_suffix(1);
  }
  return std::string(text);
}

std::string DiagnosticOf(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text != nullptr ? text : "";
}

std::vector<std::string> SplitHosts(const std::string& list) {
  std::vector<std::string> parts;
  for (size_t begin = 0;;) {
    const size_t comma = list.find(',', begin);
    parts.push_back(list.substr(begin, comma - begin));
    if (comma == std::string::npos) return parts;
    begin = comma + 1;
  }
}

/// What to try, one server after the other: a deadline for each is ours to keep.
std::vector<Keywords> Attempts(const Keywords& keywords) {
  const auto host = keywords.find("host");
  if (host == keywords.end() || keywords.contains("hostaddr") ||
      host->second.find(',') == std::string::npos) {
    return {keywords};
  }
  const auto port = keywords.find("port");
  const std::vector<std::string> hosts = SplitHosts(host->second);
  const std::vector<std::string> ports =
      SplitHosts(port != keywords.end() ? port->second : std::string());
  std::vector<Keywords> attempts;
  const auto add = [&](std::optional<std::string> kind) {
    for (size_t i = 0; i < hosts.size(); ++i) {
      Keywords& attempt = attempts.emplace_back(keywords);
      attempt["host"] = hosts[i];
      attempt["port"] = ports[std::min(i, ports.size() - 1)];
      if (kind) attempt["target_session_attrs"] = *kind;
    }
  };
  const auto kind = keywords.find("target_session_attrs");
  if (kind != keywords.end() && kind->second == "prefer-standby") {
    add("standby");
    add("any");
  } else {
    add(std::nullopt);
  }
  return attempts;
}

int ConnectSeconds(const Keywords& keywords) {
  const auto found = keywords.find("connect_timeout");
  if (found == keywords.end()) return kConnectSeconds;
  const int seconds = std::atoi(found->second.c_str());  // NOLINT: libpq reads it likewise
  return seconds > 0 ? seconds : 0;
}

/// Polls until the connection stands or fails. `seconds` 0: for ever.
void Complete(PGconn* connection, int seconds, bool& timed_out) {
  const auto deadline = Clock::now() + std::chrono::seconds(seconds);
  PostgresPollingStatusType status = PGRES_POLLING_WRITING;
  while (status != PGRES_POLLING_OK && status != PGRES_POLLING_FAILED) {
    pollfd socket{.fd = PQsocket(connection),
                  .events = static_cast<short>(status == PGRES_POLLING_READING ? POLLIN : POLLOUT),
                  .revents = 0};
    int wait = -1;
    if (seconds > 0) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
      if (left.count() <= 0) {
        timed_out = true;
        return;
      }
      wait = static_cast<int>(left.count());
    }
    if (poll(&socket, 1, wait) > 0) status = PQconnectPoll(connection);
  }
}

/// libpq in verbose mode writes "FATAL:  28P01: message\nLOCATION:  …"; the severity may be in any
/// language.
struct StartupFailure {
  std::string sqlstate, message;
};
StartupFailure ReadStartupFailure(std::string_view text) {
  constexpr size_t kStateLength = 5;
  const auto is_state = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); };
  StartupFailure failure;
  for (size_t at = text.find(":  "); at != std::string_view::npos; at = text.find(":  ", at + 1)) {
    const std::string_view rest = text.substr(at + 3);
    if (rest.size() <= kStateLength + 2 || rest.substr(kStateLength, 2) != ": ") continue;
    if (!std::ranges::all_of(rest.substr(0, kStateLength), is_state)) continue;
    const std::string_view message = rest.substr(kStateLength + 2);
    failure.sqlstate = rest.substr(0, kStateLength);
    failure.message = Trimmed(message.substr(0, message.find('\n')));
    return failure;
  }
  failure.message = Trimmed(text);
  return failure;
}

Error ConnectError(const ConnectionSettings& settings, PGconn* connection, bool timed_out) {
  const std::string what = fmt::format("could not connect to {}", Describe(settings));
  if (timed_out) {
    return {ErrorKind::kUnavailable, what, "The server did not answer in time.", {}};
  }
  const StartupFailure failure = ReadStartupFailure(PQerrorMessage(connection));
  if (failure.sqlstate.empty()) {
    if (PQconnectionNeedsPassword(connection) != 0) {
      return {ErrorKind::kPermissionDenied, what, "The server asks for a password.", {}};
    }
    return {ErrorKind::kUnavailable, what, failure.message, {}};
  }
  return {KindOfSqlstate(failure.sqlstate),
          what,
          fmt::format("{} (SQLSTATE {})", failure.message, failure.sqlstate),
          {}};
}

Result<PgConnection> Connect(const ConnectionSettings& settings, const Keywords& keywords) {
  std::vector<const char*> names, values;
  for (const auto& [name, value] : keywords) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  if (!settings.password.empty()) {
    names.push_back("password");
    values.push_back(settings.password.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  // Zero: a database's name is a name, whatever it looks like.
  PgConnection connection(PQconnectStartParams(names.data(), values.data(), 0));
  if (!connection) return Fail(ErrorKind::kResourceExhausted, "out of memory");
  bool timed_out = false;
  if (PQstatus(connection.get()) != CONNECTION_BAD) {
    // Without it a failure has no SQLSTATE.
    PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);
    Complete(connection.get(), ConnectSeconds(keywords), timed_out);
  }
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    return std::unexpected(ConnectError(settings, connection.get(), timed_out));
  }
  PQsetErrorVerbosity(connection.get(), PQERRORS_DEFAULT);
  return connection;
}

/// Settings that only newer servers know.
Result<> PinNewerSettings(PGconn* connection) {
  const int version = PQserverVersion(connection);
  if (version >= kVersion14) TARN_TRY(RunSimple(connection, "SET idle_session_timeout = 0"));
  if (version >= kVersion17) TARN_TRY(RunSimple(connection, "SET transaction_timeout = 0"));
  return {};
}

}  // namespace

Result<PgConnection> OpenSession(const ConnectionSettings& settings, SessionKind kind) {
  Keywords keywords = settings.keywords;
  const auto set_default = [&](const char* name, const char* value) {
    keywords.try_emplace(name, value);
  };
  set_default("application_name", "tarn");
  set_default("keepalives", "1");
  set_default("keepalives_idle", "30");
  set_default("keepalives_interval", "10");
  set_default("keepalives_count", "3");
  set_default("tcp_user_timeout", "60000");
  // What is pinned comes last, and counts.
  std::string& options = keywords["options"];
  options += (options.empty() ? "" : " ") + std::string(kSessionOptions);
  keywords["client_encoding"] = "UTF8";
  if (kind == SessionKind::kReplication) keywords["replication"] = "database";
  std::optional<Error> error;
  for (const Keywords& attempt : Attempts(keywords)) {
    auto connection = Connect(settings, attempt);
    if (connection) {
      TARN_TRY(PinNewerSettings(connection->get()));
      return connection;
    }
    // The first that answered has most to say.
    if (!error || error->kind == ErrorKind::kUnavailable) error = std::move(connection).error();
  }
  return std::unexpected(std::move(*error));
}

std::string SqlstateOf(const PGresult* result) { return DiagnosticOf(result, PG_DIAG_SQLSTATE); }

Error ErrorOf(PGconn* connection, const PGresult* result) {
  const std::string sqlstate = SqlstateOf(result);
  if (sqlstate.empty()) {
    return {ErrorKind::kUnavailable,
            "the connection to the source ended",
            Trimmed(PQerrorMessage(connection)),
            {}};
  }
  const std::string detail = DiagnosticOf(result, PG_DIAG_MESSAGE_DETAIL);
  return {KindOfSqlstate(sqlstate), DiagnosticOf(result, PG_DIAG_MESSAGE_PRIMARY),
          fmt::format("{}{}(SQLSTATE {})", detail, detail.empty() ? "" : " ", sqlstate),
          DiagnosticOf(result, PG_DIAG_MESSAGE_HINT)};
}

Result<PgResult> RunSimple(PGconn* connection, const std::string& statement) {
  PgResult result(PQexec(connection, statement.c_str()));
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return result;
  return std::unexpected(ErrorOf(connection, result.get()));
}

std::string FieldOf(const PgResult& result, int row, int column) {
  return {PQgetvalue(result.get(), row, column),
          static_cast<size_t>(PQgetlength(result.get(), row, column))};
}

}  // namespace tarn::capture
