// SPDX-License-Identifier: Apache-2.0
// A connection to a managed server over its local socket.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "provision/instance_record.h"

struct pg_conn;

namespace tarn::provision {

/// Values in text form; absent: NULL.
using ServerRow = std::vector<std::optional<std::string>>;

/// Of its superuser, in a database that somebody else may own: names are looked for in pg_catalog
/// only, views and foreign tables are refused, and waiting for locks ends. Belongs to one thread at
/// a time. REQUIRES: the process runs as the server's account.
class ServerConnection {
 public:
  /// NotFound for a database that does not exist, Unavailable where the server does not answer.
  static Result<std::unique_ptr<ServerConnection>> Open(const InstanceRecord& record,
                                                        const std::string& database);
  ~ServerConnection();
  ServerConnection(const ServerConnection&) = delete;
  ServerConnection& operator=(const ServerConnection&) = delete;

  /// One statement; blocks. What the server refuses has its message, detail and hint, and a kind by
  /// its SQLSTATE: 40001 and locks that are not had are Conflict, 42501 PermissionDenied, class 22
  /// and 23 InvalidArgument, 0A000 Unsupported.
  Result<std::vector<ServerRow>> Run(const std::string& statement,
                                     std::span<const std::string> parameters = {});
  /// COMMIT. CommitStateUnknown where the connection ended before the answer came.
  Result<> Commit();

  /// Whether another may use it: it is connected, and no transaction is open. Asks nobody.
  bool IsIdle();

 private:
  explicit ServerConnection(pg_conn* connection) : connection_(connection) {}

  pg_conn* connection_;  ///< owned
};

}  // namespace tarn::provision
