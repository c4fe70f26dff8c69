// SPDX-License-Identifier: Apache-2.0
#include "capture/source/connection_settings.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace tarn::capture {
namespace {

constexpr std::string_view kJdbcScheme = "jdbc:postgresql:";
constexpr std::string_view kDefaultHost = "localhost";
constexpr std::string_view kDefaultPort = "5432";

// Nothing of a URL stands in errors but names of parameters: a password may be anywhere.
std::unexpected<Error> BadUrl(std::string_view why) {
  Error error{ErrorKind::kInvalidArgument, "invalid connection URL", std::string(why), {}};
  return std::unexpected(std::move(error));
}

std::optional<int> HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

/// As the driver decodes: percent escapes, and a plus is a blank.
Result<std::string> Decoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const auto high = i + 1 < text.size() ? HexValue(text[i + 1]) : std::nullopt;
    const auto low = i + 2 < text.size() ? HexValue(text[i + 2]) : std::nullopt;
    if (!high || !low || (*high == 0 && *low == 0)) {
      return BadUrl("A percent sign needs two hexadecimal digits, and no zero byte, behind it.");
    }
    decoded += static_cast<char>(*high << 4 | *low);
    i += 2;
  }
  if (decoded.find('\0') != std::string::npos) return BadUrl("It has a zero byte.");
  return decoded;
}

bool IsNumber(std::string_view text, int least, int most) {
  int number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stopped == end && number >= least && number <= most;
}

/// "host:port,[::1]:5433" without parts that are missing, into libpq's two lists.
Result<> ParseHosts(std::string_view list, ConnectionSettings& settings) {
  std::string hosts, ports;
  while (true) {
    std::string_view host, port;
    if (list.starts_with('[')) {
      const size_t end = list.find(']');
      if (end == std::string_view::npos) return BadUrl("The address in brackets does not end.");
      host = list.substr(1, end - 1);
      list.remove_prefix(end + 1);
    } else {
      const size_t end = std::min(list.find_first_of(":,"), list.size());
      host = list.substr(0, end);
      list.remove_prefix(end);
    }
    if (list.starts_with(':')) {
      const size_t end = std::min(list.find(','), list.size());
      port = list.substr(1, end - 1);
      list.remove_prefix(end);
      constexpr int kPortMax = 65'535;
      if (!port.empty() && !IsNumber(port, 1, kPortMax)) {
        return BadUrl(fmt::format("The port \"{}\" is no number from 1 to 65535.", port));
      }
    }
    hosts += host.empty() ? kDefaultHost : host;
    ports += port.empty() ? kDefaultPort : port;
    if (list.empty()) break;
    if (!list.starts_with(',')) return BadUrl("Servers are separated by commas.");
    list.remove_prefix(1);
    hosts += ',';
    ports += ',';
  }
  settings.keywords["host"] = hosts;
  settings.keywords["port"] = ports;
  return {};
}

constexpr std::array<std::string_view, 6> kSslModes = {"disable", "allow",     "prefer",
                                                       "require", "verify-ca", "verify-full"};

/// The driver's names of servers, and libpq's.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kServerTypes = {
    {{"any", "any"},
     {"primary", "primary"},
     {"master", "primary"},
     {"secondary", "standby"},
     {"slave", "standby"},
     {"preferSecondary", "prefer-standby"},
     {"preferSlave", "prefer-standby"}}};

std::unexpected<Error> BadParameter(std::string_view name, std::string_view value,
                                    std::string_view known) {
  return BadUrl(fmt::format("{} is {}, not \"{}\".", name, known, value));
}

class JdbcParameters {
 public:
  explicit JdbcParameters(ConnectionSettings& settings) : settings_(settings) {}

  Result<> Take(const std::string& name, const std::string& value) {
    if (name == "user") return Set("user", value);
    if (name == "password") {
      settings_.password = value;
      return {};
    }
    if (name == "ssl") return TakeSsl(value);
    if (name == "sslmode") return TakeSslMode(value);
    if (name == "sslrootcert" || name == "sslcert" || name == "sslkey") return Set(name, value);
    if (name == "connectTimeout") {
      constexpr int kSecondsMax = 2'147'483;  // as the driver has it, in milliseconds
      if (!IsNumber(value, 0, kSecondsMax)) {
        return BadParameter(name, value, "a number of seconds");
      }
      return Set("connect_timeout", value);
    }
    if (name == "ApplicationName") return Set("application_name", value);
    if (name == "targetServerType") return TakeServerType(value);
    Error error{ErrorKind::kInvalidArgument,
                fmt::format("unknown parameter \"{}\" in connection URL", name),
                {},
                "Leave it out. Known are user, password, ssl, sslmode, sslrootcert, sslcert, "
                "sslkey, connectTimeout, ApplicationName and targetServerType."};
    return std::unexpected(std::move(error));
  }

  /// sslmode counts, wherever it stands; ssl alone asks for everything.
  void Finish() {
    if (!ssl_) return;
    if (*ssl_) settings_.keywords.try_emplace("sslmode", "verify-full");
  }

 private:
  Result<> Set(std::string_view keyword, const std::string& value) {
    settings_.keywords[std::string(keyword)] = value;
    return {};
  }
  Result<> TakeSsl(const std::string& value) {
    if (!value.empty() && value != "true" && value != "false") {
      return BadParameter("ssl", value, "true or false");
    }
    ssl_ = value != "false";
    return {};
  }
  Result<> TakeSslMode(const std::string& value) {
    if (std::ranges::find(kSslModes, value) == kSslModes.end()) {
      return BadParameter("sslmode", value,
                          "disable, allow, prefer, require, verify-ca or verify-full");
    }
    return Set("sslmode", value);
  }
  Result<> TakeServerType(const std::string& value) {
    for (const auto& [name, keyword] : kServerTypes) {
      if (name == value) return Set("target_session_attrs", std::string(keyword));
    }
    return BadParameter("targetServerType", value,
                        "any, primary, secondary or preferSecondary here");
  }

  ConnectionSettings& settings_;
  std::optional<bool> ssl_;
};

Result<> ParseJdbcParameters(std::string_view query, ConnectionSettings& settings) {
  JdbcParameters parameters(settings);
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view parameter = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (parameter.empty()) continue;
    const size_t equals = std::min(parameter.find('='), parameter.size());
    TARN_ASSIGN(const std::string name, Decoded(parameter.substr(0, equals)));
    TARN_ASSIGN(const std::string value,
                Decoded(parameter.substr(std::min(equals + 1, parameter.size()))));
    TARN_TRY(parameters.Take(name, value));
  }
  parameters.Finish();
  return {};
}

struct OptionsFreer {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

/// What decides how values look and what kind of connection it is, is not for URLs to say.
constexpr std::array<std::string_view, 5> kOwnKeywords = {"replication", "client_encoding",
                                                          "service", "passfile", "sslpassword"};

}  // namespace

Result<ConnectionSettings> ParseJdbcUrl(std::string_view url) {
  if (!url.starts_with(kJdbcScheme)) {
    return BadUrl("It begins with \"jdbc:postgresql:\".");
  }
  std::string_view rest = url.substr(kJdbcScheme.size());
  ConnectionSettings settings;
  const size_t question = std::min(rest.find('?'), rest.size());
  const std::string_view query = rest.substr(std::min(question + 1, rest.size()));
  rest = rest.substr(0, question);
  std::string_view hosts, database = rest;
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    const size_t slash = std::min(rest.find('/'), rest.size());
    hosts = rest.substr(0, slash);
    database = rest.substr(std::min(slash + 1, rest.size()));
  } else if (rest.starts_with('/')) {
    database.remove_prefix(1);
  }
  if (hosts.find('@') != std::string_view::npos) {
    return BadUrl("User and password are parameters: \"?user=…&password=…\".");
  }
  TARN_ASSIGN(const std::string host_list, Decoded(hosts));
  TARN_TRY(ParseHosts(host_list, settings));
  if (!database.empty()) {
    TARN_ASSIGN(settings.keywords["dbname"], Decoded(database));
  }
  TARN_TRY(ParseJdbcParameters(query, settings));
  return settings;
}

Result<ConnectionSettings> ParsePostgresUrl(std::string_view url) {
  if (!url.starts_with("postgresql://") && !url.starts_with("postgres://")) {
    return BadUrl("It begins with \"postgresql://\".");
  }
  if (url.find('\0') != std::string_view::npos) return BadUrl("It has a zero byte.");
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, OptionsFreer> options(
      PQconninfoParse(std::string(url).c_str(), &message));
  // libpq's message quotes the URL.
  PQfreemem(message);
  if (!options) {
    return BadUrl("Its form is \"postgresql://user:password@host:port/database?keyword=value\".");
  }
  ConnectionSettings settings;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    const std::string_view keyword = option->keyword;
    if (std::ranges::find(kOwnKeywords, keyword) != kOwnKeywords.end()) {
      return Fail(ErrorKind::kInvalidArgument, "parameter \"{}\" cannot stand in a connection URL",
                  keyword);
    }
    if (keyword == "password") {
      settings.password = option->val;
    } else {
      settings.keywords[option->keyword] = option->val;
    }
  }
  return settings;
}

std::string Describe(const ConnectionSettings& settings) {
  const auto value = [&](const char* keyword, std::string_view otherwise) {
    const auto found = settings.keywords.find(keyword);
    return found != settings.keywords.end() ? found->second : std::string(otherwise);
  };
  const std::string user = value("user", "");
  std::string text;
  // Hosts and ports are lists of one length.
  std::string hosts = value("host", value("hostaddr", kDefaultHost));
  std::string ports = value("port", kDefaultPort);
  std::string_view host_list = hosts, port_list = ports;
  while (true) {
    const size_t host_end = std::min(host_list.find(','), host_list.size());
    const size_t port_end = std::min(port_list.find(','), port_list.size());
    text += fmt::format("{}:{}", host_list.substr(0, host_end), port_list.substr(0, port_end));
    if (host_end == host_list.size()) break;
    host_list.remove_prefix(host_end + 1);
    if (port_end < port_list.size()) port_list.remove_prefix(port_end + 1);
    text += ',';
  }
  text += fmt::format("/{}", value("dbname", user));
  if (!user.empty()) text += fmt::format(" as {}", user);
  return text;
}

}  // namespace tarn::capture
