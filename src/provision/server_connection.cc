// SPDX-License-Identifier: Apache-2.0
#include "provision/server_connection.h"

#include <libpq-fe.h>

#include <array>

#include "base/sqlstate.h"
#include "provision/server_config.h"

namespace tarn::provision {
namespace {

// What the database's owner has set for it must not decide how the superuser's statements are read.
constexpr const char* kSessionOptions =
    "-c search_path=pg_catalog -c restrict_nonsystem_relation_kind=view,foreign-table "
    "-c default_transaction_isolation=read\\ committed -c default_transaction_read_only=off "
    "-c lock_timeout=30s -c statement_timeout=300s -c idle_in_transaction_session_timeout=60s "
    "-c client_min_messages=error -c standard_conforming_strings=on -c row_security=on";

struct ResultCloser {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ResultCloser>;

std::string Trimmed(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string FieldOf(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text != nullptr ? text : "";
}

Error ErrorOf(PGconn* connection, const PGresult* result) {
  const std::string sqlstate = FieldOf(result, PG_DIAG_SQLSTATE);
  if (sqlstate.empty()) {
    return {ErrorKind::kUnavailable,
            "the server's connection ended",
            Trimmed(PQerrorMessage(connection)),
            {}};
  }
  return {KindOfSqlstate(sqlstate), FieldOf(result, PG_DIAG_MESSAGE_PRIMARY),
          FieldOf(result, PG_DIAG_MESSAGE_DETAIL), FieldOf(result, PG_DIAG_MESSAGE_HINT)};
}

}  // namespace

Result<std::unique_ptr<ServerConnection>> ServerConnection::Open(const InstanceRecord& record,
                                                                 const std::string& database) {
  const std::string port = std::to_string(record.address.port);
  const std::array<const char*, 8> keys = {
      "host", "port", "user", "dbname", "connect_timeout", "options", "application_name", nullptr};
  const std::array<const char*, 8> values = {record.socket_directory.c_str(),
                                             port.c_str(),
                                             kOwnerRole,
                                             database.c_str(),
                                             "10",
                                             kSessionOptions,
                                             "tarn",
                                             nullptr};
  // Zero: a database's name is a name, whatever it looks like.
  PGconn* const connection = PQconnectdbParams(keys.data(), values.data(), 0);
  std::unique_ptr<ServerConnection> opened(new ServerConnection(connection));
  if (PQstatus(connection) == CONNECTION_OK) return opened;
  const std::string message = Trimmed(PQerrorMessage(connection));
  // Servers of ours speak English (instance_creation.cc).
  if (message.find(fmt::format("database \"{}\" does not exist", database)) != std::string::npos) {
    return Fail(ErrorKind::kNotFound, "database \"{}\" does not exist in instance \"{}\"", database,
                record.name);
  }
  return std::unexpected(Error{ErrorKind::kUnavailable,
                               fmt::format("could not connect to instance \"{}\"", record.name),
                               message,
                               {}});
}

ServerConnection::~ServerConnection() { PQfinish(connection_); }

Result<std::vector<ServerRow>> ServerConnection::Run(const std::string& statement,
                                                     std::span<const std::string> parameters) {
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  const ResultPtr result(PQexecParams(connection_, statement.c_str(),
                                      static_cast<int>(values.size()), nullptr, values.data(),
                                      nullptr, nullptr, 0));
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    return std::unexpected(ErrorOf(connection_, result.get()));
  }
  std::vector<ServerRow> rows(static_cast<size_t>(PQntuples(result.get())));
  for (size_t i = 0; i < rows.size(); ++i) {
    const int row = static_cast<int>(i);
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      std::optional<std::string>& value = rows[i].emplace_back();
      if (PQgetisnull(result.get(), row, column) != 0) continue;
      value.emplace(PQgetvalue(result.get(), row, column),
                    static_cast<size_t>(PQgetlength(result.get(), row, column)));
    }
  }
  return rows;
}

Result<> ServerConnection::Commit() {
  auto done = Run("COMMIT");
  if (done) return {};
  if (PQstatus(connection_) == CONNECTION_OK) return std::unexpected(std::move(done).error());
  Error error = std::move(done).error();
  error.kind = ErrorKind::kCommitStateUnknown;
  return std::unexpected(std::move(error));
}

bool ServerConnection::IsIdle() {
  // A server that went away has said so, or closed the socket.
  return PQconsumeInput(connection_) == 1 && PQstatus(connection_) == CONNECTION_OK &&
         PQtransactionStatus(connection_) == PQTRANS_IDLE;
}

}  // namespace tarn::provision
