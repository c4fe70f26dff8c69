// SPDX-License-Identifier: Apache-2.0
// A client of the warehouse over PostgreSQL's protocol.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "cli/result_writer.h"

using PGconn = struct pg_conn;
using PGresult = struct pg_result;

namespace tarn::cli {

struct SqlAddress {
  std::string host;
  int port = 0;
  std::string user, password;
  std::string database, role;  ///< "" = the user's default
};

/// What a statement failed with, as the server says it.
struct SqlFailure {
  std::string severity, message, detail, hint;
  std::string sqlstate;
  std::optional<size_t> position;  ///< in bytes from the statement's start
};

/// Used by one thread, but for the handler of SIGINT, which cancels what runs.
class SqlClient {
 public:
  /// Unavailable where nobody listens, PermissionDenied for a wrong password.
  static Result<std::unique_ptr<SqlClient>> Connect(const SqlAddress& address);
  ~SqlClient();

  /// Runs one statement and writes its rows to standard output as they come. Absent: it worked.
  std::optional<SqlFailure> Run(const std::string& statement, ResultWriter& writer);
  /// False: the server is gone.
  bool is_connected() const;

  /// SIGINT cancels what runs, from here on; said once.
  static void CatchInterrupts();
  /// Whether one came since it was last asked.
  static bool TakeInterrupt();

 private:
  explicit SqlClient(PGconn* connection) : connection_(connection) {}
  std::optional<SqlFailure> Take(PGresult* result, const std::string& statement,
                                 ResultWriter& writer);
  void Show(PGresult* result, ResultWriter& writer);
  std::optional<SqlFailure> CopyOut();
  void Write(size_t at_least);

  PGconn* connection_;
  bool shown_ = false;  ///< the columns of the result that is coming
  std::string out_;
};

}  // namespace tarn::cli
