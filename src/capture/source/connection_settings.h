// SPDX-License-Identifier: Apache-2.0
// How to reach a source.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tarn::capture {

/// A plain value. The password stands in no message and no log.
struct ConnectionSettings {
  /// libpq's keywords but the password: host, port, dbname, user, sslmode, sslrootcert, …
  std::map<std::string, std::string> keywords;
  std::string password;
};

/// "jdbc:postgresql://host:port/database?key=value" (PostgreSQL JDBC documentation, "Connecting to
/// the Database"): several hosts, IPv6 in brackets, a missing port, database or host, percent
/// escapes; `ssl`, `sslmode`, `sslrootcert`, `sslcert`, `sslkey`, `user`, `password`,
/// `connectTimeout`, `ApplicationName` and `targetServerType` mean what they mean there. What else
/// is given is refused with InvalidArgument: nothing is ignored.
Result<ConnectionSettings> ParseJdbcUrl(std::string_view url);
/// "postgresql://…" or "postgres://…" as libpq reads it.
Result<ConnectionSettings> ParsePostgresUrl(std::string_view url);
/// What ParsePostgresUrl reads as these, but for the password.
std::string ToPostgresUrl(const ConnectionSettings& settings);
/// "host:port/database as user", for messages.
std::string Describe(const ConnectionSettings& settings);

}  // namespace tarn::capture
