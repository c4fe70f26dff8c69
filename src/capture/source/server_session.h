// SPDX-License-Identifier: Apache-2.0
// What all connections to a source share: how they are opened, and how libpq's failures become
// errors.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "capture/source/connection_settings.h"

namespace tarn::capture {

struct PgResultCloser {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, PgResultCloser>;

struct PgConnectionCloser {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using PgConnection = std::unique_ptr<PGconn, PgConnectionCloser>;

enum class SessionKind : uint8_t {
  kQueries,
  /// A walsender of the database, which takes SQL, too.
  kReplication,
};

/// With the session's settings pinned. Unavailable where no server answers, else a kind by what the
/// server says: PermissionDenied for a role, NotFound for a database.
Result<PgConnection> OpenSession(const ConnectionSettings& settings, SessionKind kind);

/// What the server refused, with its message, detail, hint and, in the detail, the SQLSTATE; where
/// it said nothing, Unavailable.
Error ErrorOf(PGconn* connection, const PGresult* result);
/// "" where the connection ended.
std::string SqlstateOf(const PGresult* result);

/// One statement without parameters. Tuples, or an error.
Result<PgResult> RunSimple(PGconn* connection, const std::string& statement);
/// Text form; "" for NULL.
std::string FieldOf(const PgResult& result, int row, int column);

}  // namespace tarn::capture
