// SPDX-License-Identifier: Apache-2.0
#include "cli/sql_client.h"

#include <libpq-fe.h>
#include <signal.h>

#include <array>
#include <atomic>
#include <cstdio>

namespace tarn::cli {
namespace {

constexpr size_t kWriteBytes = 64 * 1024;

// What the handler of SIGINT works on.
std::atomic<PGcancel*> cancelling = nullptr;
std::atomic<bool> interrupted = false;

void OnInterrupt(int) {
  interrupted = true;
  std::array<char, 256> error;
  // PQcancel may be called from a signal handler (libpq documentation, "Canceling Queries").
  if (PGcancel* target = cancelling) PQcancel(target, error.data(), error.size());
}

std::string FieldOf(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text != nullptr ? text : "";
}

/// Characters from 1 → bytes from 0.
std::optional<size_t> ByteAt(std::string_view text, const std::string& position) {
  if (position.empty()) return std::nullopt;
  size_t left = std::strtoul(position.c_str(), nullptr, 10);
  for (size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80 && --left == 0) return i;
  }
  return text.size();
}

SqlFailure FailureOf(const PGresult* result, std::string_view statement) {
  SqlFailure failure{.severity = FieldOf(result, PG_DIAG_SEVERITY),
                     .message = FieldOf(result, PG_DIAG_MESSAGE_PRIMARY),
                     .detail = FieldOf(result, PG_DIAG_MESSAGE_DETAIL),
                     .hint = FieldOf(result, PG_DIAG_MESSAGE_HINT),
                     .sqlstate = FieldOf(result, PG_DIAG_SQLSTATE),
                     .position = ByteAt(statement, FieldOf(result, PG_DIAG_STATEMENT_POSITION))};
  // What libpq itself has to say has no fields.
  if (failure.message.empty()) failure.message = PQresultErrorMessage(result);
  while (failure.message.ends_with('\n')) failure.message.pop_back();
  if (failure.severity.empty()) failure.severity = "ERROR";
  return failure;
}

ValueKind KindOf(Oid type) {
  switch (type) {
    case 16:
      return ValueKind::kBoolean;
    case 20:
    case 21:
    case 23:
    case 26:
    case 700:
    case 701:
    case 1700:
      return ValueKind::kNumber;
    case 114:
    case 3802:
      return ValueKind::kJson;
    default:
      return ValueKind::kText;
  }
}

void PrintServerNotice(void*, const PGresult* result) {
  fmt::print(stderr, "{}:  {}\n", FieldOf(result, PG_DIAG_SEVERITY),
             FieldOf(result, PG_DIAG_MESSAGE_PRIMARY));
}

}  // namespace

Result<std::unique_ptr<SqlClient>> SqlClient::Connect(const SqlAddress& address) {
  const std::string port = std::to_string(address.port);
  // Strings as Snowflake reads them, and its rows about DDL and DML.
  std::string options = "-c tarn.status_rows=on -c standard_conforming_strings=off";
  if (!address.role.empty()) {
    options += " -c role=";
    for (const char c : address.role) {
      if (c == ' ' || c == '\\') options += '\\';
      options += c;
    }
  }
  const std::array<const char*, 10> names = {"host",
                                             "port",
                                             "user",
                                             "password",
                                             "dbname",
                                             "sslmode",
                                             "options",
                                             "application_name",
                                             "client_encoding",
                                             nullptr};
  const std::array<const char*, 10> values = {address.host.c_str(),
                                              port.c_str(),
                                              address.user.c_str(),
                                              address.password.c_str(),
                                              address.database.c_str(),
                                              "require",
                                              options.c_str(),
                                              "tarn sql",
                                              "UTF8",
                                              nullptr};
  std::unique_ptr<SqlClient> client(
      new SqlClient(PQconnectdbParams(names.data(), values.data(), 0)));
  if (!client->is_connected()) {
    std::string reason = PQerrorMessage(client->connection_);
    while (reason.ends_with('\n')) reason.pop_back();
    return std::unexpected(Error{ErrorKind::kUnavailable, std::move(reason), {}, {}});
  }
  PQsetNoticeReceiver(client->connection_, PrintServerNotice, nullptr);
  cancelling = PQgetCancel(client->connection_);
  return client;
}

SqlClient::~SqlClient() {
  if (PGcancel* target = cancelling.exchange(nullptr)) PQfreeCancel(target);
  PQfinish(connection_);
}

bool SqlClient::is_connected() const { return PQstatus(connection_) == CONNECTION_OK; }

void SqlClient::CatchInterrupts() {
  struct sigaction action{};
  action.sa_handler = OnInterrupt;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
}

bool SqlClient::TakeInterrupt() { return interrupted.exchange(false); }

std::optional<SqlFailure> SqlClient::Run(const std::string& statement, ResultWriter& writer) {
  std::optional<SqlFailure> failure;
  shown_ = false;
  if (PQsendQuery(connection_, statement.c_str()) != 1) {
    return SqlFailure{.severity = "FATAL", .message = PQerrorMessage(connection_)};
  }
  PQsetSingleRowMode(connection_);
  while (PGresult* result = PQgetResult(connection_)) {
    if (auto failed = Take(result, statement, writer)) failure = std::move(failed);
    PQclear(result);
  }
  Write(0);
  std::fflush(stdout);
  return failure;
}

std::optional<SqlFailure> SqlClient::Take(PGresult* result, const std::string& statement,
                                          ResultWriter& writer) {
  switch (PQresultStatus(result)) {
    case PGRES_SINGLE_TUPLE:
      Show(result, writer);
      Write(kWriteBytes);
      return std::nullopt;
    case PGRES_TUPLES_OK:  // the end of the rows
      Show(result, writer);
      writer.End(out_);
      shown_ = false;
      return std::nullopt;
    case PGRES_COPY_OUT:
      return CopyOut();
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
      return std::nullopt;
    default:
      if (shown_) writer.End(out_);
      shown_ = false;
      return FailureOf(result, statement);
  }
}

void SqlClient::Show(PGresult* result, ResultWriter& writer) {
  const int columns = PQnfields(result);
  if (!shown_) {
    std::vector<ShownColumn> named;
    for (int i = 0; i < columns; ++i) {
      named.push_back({PQfname(result, i), KindOf(PQftype(result, i))});
    }
    writer.Begin(named, out_);
    shown_ = true;
  }
  ShownRow row(static_cast<size_t>(columns));
  for (int line = 0; line < PQntuples(result); ++line) {
    for (int i = 0; i < columns; ++i) {
      auto& value = row[static_cast<size_t>(i)];
      value = std::nullopt;
      if (PQgetisnull(result, line, i) == 0) {
        value = std::string_view(PQgetvalue(result, line, i),
                                 static_cast<size_t>(PQgetlength(result, line, i)));
      }
    }
    writer.Row(row, out_);
  }
}

std::optional<SqlFailure> SqlClient::CopyOut() {
  char* bytes = nullptr;
  int count = 0;
  while ((count = PQgetCopyData(connection_, &bytes, 0)) > 0) {
    out_.append(bytes, static_cast<size_t>(count));
    PQfreemem(bytes);
    Write(kWriteBytes);
  }
  return std::nullopt;  // how it ended is the next result
}

void SqlClient::Write(size_t at_least) {
  if (out_.size() < at_least) return;
  std::fwrite(out_.data(), 1, out_.size(), stdout);
  out_.clear();
}

}  // namespace tarn::cli
