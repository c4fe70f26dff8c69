// SPDX-License-Identifier: Apache-2.0
// The texts that make a PostgreSQL data directory an instance of ours. Pure functions.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "provision/listen_address.h"

namespace tarn::provision {

inline constexpr const char* kDatabase = "postgres";
inline constexpr const char* kOwnerRole =
    "postgres";  ///< the superuser; only over the local socket
inline constexpr const char* kAdminRole = "snowflake_admin";
inline constexpr const char* kApplicationRole = "application";

struct ServerSettings {
  std::string name;
  ListenAddress address;
  std::filesystem::path socket_directory;
  std::filesystem::path log_directory;
  std::filesystem::path tarn_executable;
  std::filesystem::path buckets_directory;
  std::vector<std::string> allowed_locations;
  std::vector<std::string> table_locations;  ///< empty: whatever is allowed
  bool with_extension = true;
};

/// Who may connect over TCP, by address ranges in PostgreSQL's notation ("10.0.0.0/8", "::/0").
/// What is blocked wins; nothing allowed: nobody.
struct NetworkAccess {
  std::vector<std::string> allowed, blocked;
  bool operator==(const NetworkAccess&) const = default;
};
/// Every address of this machine.
NetworkAccess LocalAccess();

/// A value of postgresql.conf in quotes. InvalidArgument when it has a control character, which no
/// quoting lets through.
Result<std::string> QuoteSetting(const std::string& value);

/// tarn.conf, which postgresql.conf includes; written anew at every start.
Result<std::string> ServerConfiguration(const ServerSettings& settings);

/// pg_hba.conf: TLS and SCRAM for whom `access` lets in, never for the superuser.
std::string HostBasedAccess(const NetworkAccess& access);

/// pg_ident.conf: which system users may become the superuser over the local socket.
std::string IdentityMap(const std::vector<std::string>& system_users);

/// SQL that a new cluster runs once, in single-user mode: one statement a line.
std::string BootstrapSql(const std::string& admin_verifier,
                         const std::string& application_verifier);

/// SQL that a running server is given over its socket to change a role's verifier. Nothing of it
/// reaches the server's log or its statistics, also where it fails, whatever the server logs.
std::string PasswordSql(std::string_view role, const std::string& verifier);

}  // namespace tarn::provision
