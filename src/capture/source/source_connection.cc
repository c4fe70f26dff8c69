// SPDX-License-Identifier: Apache-2.0
#include "capture/source/source_connection.h"

#include "capture/source/server_session.h"

namespace tarn::capture {
namespace {

struct CopyDataFreer {
  void operator()(char* data) const { PQfreemem(data); }
};

/// Reads until the connection is ready for the next statement; the first failure counts.
Result<> Drain(PGconn* connection) {
  Result<> drained;
  while (true) {
    const PgResult result(PQgetResult(connection));
    if (!result) return drained;
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_COPY_OUT) {
      char* data = nullptr;
      while (PQgetCopyData(connection, &data, 0) > 0) PQfreemem(data);
    } else if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && drained) {
      drained = std::unexpected(ErrorOf(connection, result.get()));
    }
    if (PQstatus(connection) != CONNECTION_OK) return drained;
  }
}

void Doubled(std::string& out, std::string_view text, char quote) {
  out += quote;
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  out += quote;
}

}  // namespace

Result<std::unique_ptr<SourceConnection>> SourceConnection::Open(
    const ConnectionSettings& settings) {
  TARN_ASSIGN(PgConnection connection, OpenSession(settings, SessionKind::kQueries));
  PGcancel* const cancel = PQgetCancel(connection.get());
  return std::unique_ptr<SourceConnection>(new SourceConnection(connection.release(), cancel));
}

SourceConnection::~SourceConnection() {
  PQfreeCancel(cancel_);
  PQfinish(connection_);
}

Result<std::vector<SourceRow>> SourceConnection::Run(const std::string& statement,
                                                     std::span<const std::string> parameters) {
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  const PgResult result(PQexecParams(connection_, statement.c_str(),
                                     static_cast<int>(values.size()), nullptr, values.data(),
                                     nullptr, nullptr, 0));
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    return std::unexpected(ErrorOf(connection_, result.get()));
  }
  std::vector<SourceRow> rows(static_cast<size_t>(PQntuples(result.get())));
  for (size_t i = 0; i < rows.size(); ++i) {
    const int row = static_cast<int>(i);
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      std::optional<std::string>& value = rows[i].emplace_back();
      if (PQgetisnull(result.get(), row, column) == 0) value = FieldOf(result, row, column);
    }
  }
  return rows;
}

Result<> SourceConnection::AtOneMoment(const std::function<Result<>()>& look) {
  TARN_TRY(Run("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  const Result<> looked = look();
  const auto ended = Run("ROLLBACK");
  TARN_TRY(looked);
  TARN_TRY(ended);
  return {};
}

Result<> SourceConnection::CopyOut(const std::string& statement,
                                   const std::function<Result<>(std::string_view)>& take) {
  const PgResult begun(PQexec(connection_, statement.c_str()));
  if (PQresultStatus(begun.get()) != PGRES_COPY_OUT) {
    return std::unexpected(ErrorOf(connection_, begun.get()));
  }
  while (true) {
    char* data = nullptr;
    const int bytes = PQgetCopyData(connection_, &data, 0);
    if (bytes < 0) break;
    const std::unique_ptr<char, CopyDataFreer> owned(data);
    if (auto taken = take({data, static_cast<size_t>(bytes)}); !taken) {
      Cancel();
      // That it was cancelled is known.
      (void)Drain(connection_);
      return taken;
    }
  }
  return Drain(connection_);
}

void SourceConnection::Cancel() {
  if (cancel_ == nullptr) return;
  char error[256];
  (void)PQcancel(cancel_, error, sizeof(error));
}

int SourceConnection::server_version() const { return PQserverVersion(connection_); }

std::string QuotedName(std::string_view name) {
  std::string quoted;
  Doubled(quoted, name, '"');
  return quoted;
}

std::string QuotedName(const SourceName& name) {
  return QuotedName(name.schema) + "." + QuotedName(name.table);
}

std::string QuotedLiteral(std::string_view text) {
  std::string quoted;
  // A backslash counts as such whatever standard_conforming_strings says.
  if (text.find('\\') != std::string_view::npos) {
    quoted += " E";
    std::string escaped;
    for (const char c : text) escaped.append(c == '\\' ? 2 : 1, c);
    Doubled(quoted, escaped, '\'');
    return quoted;
  }
  Doubled(quoted, text, '\'');
  return quoted;
}

}  // namespace tarn::capture
