// SPDX-License-Identifier: Apache-2.0
#include "provision/server_config.h"

namespace tarn::provision {
namespace {

std::string DoubleQuoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char byte : text) quoted += byte == '"' ? "\"\"" : std::string(1, byte);
  return quoted + "\"";
}

Result<std::string> Joined(const std::vector<std::string>& locations) {
  std::string list;
  for (const std::string& location : locations) {
    if (location.find(',') != std::string::npos) {
      return Fail(ErrorKind::kInvalidArgument, "allowed location \"{}\" has a comma", location);
    }
    list += (list.empty() ? "" : ",") + location;
  }
  return list;
}

}  // namespace

NetworkAccess LocalAccess() { return {.allowed = {"127.0.0.0/8"}, .blocked = {}}; }

Result<std::string> QuoteSetting(const std::string& value) {
  std::string quoted = "'";
  for (const char byte : value) {
    if (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f) {
      return Fail(ErrorKind::kInvalidArgument, "a setting's value has a control character");
    }
    if (byte == '\'' || byte == '\\') quoted += byte;
    quoted += byte;
  }
  return quoted + "'";
}

Result<std::string> ServerConfiguration(const ServerSettings& settings) {
  TARN_ASSIGN(const std::string locations, Joined(settings.allowed_locations));
  TARN_ASSIGN(const std::string table_locations, Joined(settings.table_locations));
  std::string text =
      "# Written by tarn at every start: change settings in postgresql.conf below the include, or\n"
      "# with ALTER SYSTEM.\n";
  const auto add = [&](const char* key, const std::string& value) -> Result<> {
    TARN_ASSIGN(const std::string quoted, QuoteSetting(value));
    text += fmt::format("{} = {}\n", key, quoted);
    return {};
  };
  TARN_TRY(add("cluster_name", settings.name));
  TARN_TRY(add("listen_addresses", settings.address.host));
  TARN_TRY(add("port", std::to_string(settings.address.port)));
  // A list: double quotes keep commas and spaces in one path.
  TARN_TRY(add("unix_socket_directories", DoubleQuoted(settings.socket_directory)));
  TARN_TRY(add("unix_socket_permissions", "0700"));
  TARN_TRY(add("ssl", "on"));
  TARN_TRY(add("ssl_cert_file", "server.crt"));
  TARN_TRY(add("ssl_key_file", "server.key"));
  TARN_TRY(add("password_encryption", "scram-sha-256"));
  TARN_TRY(add("wal_level", "logical"));
  TARN_TRY(add("max_prepared_transactions", "64"));
  TARN_TRY(add("logging_collector", "on"));
  TARN_TRY(add("log_directory", settings.log_directory));
  TARN_TRY(add("log_filename", "postgresql-%a.log"));
  TARN_TRY(add("log_truncate_on_rotation", "on"));
  TARN_TRY(add("log_rotation_age", "1d"));
  TARN_TRY(add("log_rotation_size", "0"));
  TARN_TRY(add("log_line_prefix", "%m [%p] %q%u@%d "));
  TARN_TRY(add("shared_preload_libraries", settings.with_extension ? "tarn" : ""));
  TARN_TRY(add("tarn.engine_path", settings.tarn_executable));
  TARN_TRY(add("tarn.buckets_directory", settings.buckets_directory));
  TARN_TRY(add("tarn.allowed_locations", locations));
  TARN_TRY(add("tarn.table_locations", table_locations));
  return text;
}

std::string HostBasedAccess(const NetworkAccess& access) {
  std::string text =
      "# TYPE   DATABASE     USER       ADDRESS        METHOD\n"
      "local    all          postgres                  peer map=owner\n"
      "local    replication  postgres                  peer map=owner\n"
      "local    all          all                       scram-sha-256\n"
      "hostssl  all          postgres   0.0.0.0/0      reject\n"
      "hostssl  all          postgres   ::/0           reject\n";
  // The first line that fits an address decides.
  for (const std::string& range : access.blocked) {
    text += fmt::format("hostssl  all          all        {:<14} reject\n", range);
  }
  for (const std::string& range : access.allowed) {
    text += fmt::format("hostssl  all          all        {:<14} scram-sha-256\n", range);
  }
  return text;
}

std::string IdentityMap(const std::vector<std::string>& system_users) {
  std::string text = "# MAPNAME  SYSTEM-USERNAME  DATABASE-USERNAME\n";
  for (const std::string& user : system_users) {
    text += fmt::format("owner {} {}\n", DoubleQuoted(user), kOwnerRole);
  }
  return text;
}

std::string BootstrapSql(const std::string& admin_verifier,
                         const std::string& application_verifier) {
  // Verifiers are made of base64, digits, ':' and '$': nothing in them needs quoting.
  return fmt::format(
      "CREATE ROLE {0} LOGIN CREATEDB CREATEROLE REPLICATION PASSWORD '{1}';\n"
      "ALTER ROLE {0} SET createrole_self_grant = 'set, inherit';\n"
      "ALTER DATABASE {3} OWNER TO {0};\n"
      "CREATE ROLE {2} LOGIN PASSWORD '{4}';\n"
      "GRANT {2} TO {0} WITH ADMIN TRUE, INHERIT TRUE, SET TRUE;\n"
      "CREATE ROLE lake_read;\nCREATE ROLE lake_write;\nCREATE ROLE lake_read_write;\n"
      "GRANT lake_read, lake_write TO lake_read_write;\n"
      "GRANT lake_read, lake_write, lake_read_write TO {0} WITH ADMIN TRUE, INHERIT TRUE;\n"
      "GRANT lake_read_write TO {2};\n",
      kAdminRole, admin_verifier, kApplicationRole, kDatabase, application_verifier);
}

std::string PasswordSql(std::string_view role, const std::string& verifier) {
  std::string sql;
  for (const char* setting :
       {"log_statement = none", "log_duration = off", "log_min_duration_statement = -1",
        "log_min_duration_sample = -1", "log_transaction_sample_rate = 0",
        "log_min_error_statement = panic", "debug_print_parse = off", "debug_print_rewritten = off",
        "debug_print_plan = off", "track_activities = off"}) {
    sql += fmt::format("SET {};\n", setting);
  }
  // A verifier and the names of these roles need no quoting (BootstrapSql).
  return sql + fmt::format("ALTER ROLE {} PASSWORD '{}';\n", role, verifier);
}

}  // namespace tarn::provision
