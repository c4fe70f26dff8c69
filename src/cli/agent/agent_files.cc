// SPDX-License-Identifier: Apache-2.0
#include "cli/agent/agent_files.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "provision/durable_file.h"

namespace tarn::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr unsigned kSecretMode = 0600;
constexpr int kPortMax = 65535, kHttpPort = 80, kHttpsPort = 443;
constexpr const char* kHttp = "http";
constexpr const char* kHttps = "https";
constexpr const char* kTemporaryKey = "temporaryPrivateKey";
constexpr const char* kDeployment = "SNOWFLAKE_DEPLOYMENT";
/// Snowflake tells it in the host's name, which here is any.
constexpr const char* kDefaultAccount = "TARN";

std::unexpected<Error> BadMember(std::string_view name, std::string_view wanted) {
  return Fail(ErrorKind::kInvalidArgument, "\"{}\" is missing, or no {}", name, wanted);
}

Result<std::string> TextOf(const ordered_json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string() || found->get<std::string>().empty()) {
    return BadMember(name, "text");
  }
  return found->get<std::string>();
}

Result<std::string> TextOr(const ordered_json& object, const char* name, const char* otherwise) {
  if (!object.contains(name)) return otherwise;
  return TextOf(object, name);
}

Result<WarehouseUrl> UrlOf(const ordered_json& entry) {
  WarehouseUrl url;
  if (!entry.is_object()) return BadMember("allowlist", "list of objects");
  TARN_ASSIGN(url.host, TextOf(entry, "host"));
  const auto port = entry.find("port");
  if (port == entry.end() || !port->is_number_unsigned() || port->get<uint64_t>() == 0 ||
      port->get<uint64_t>() > kPortMax) {
    return BadMember("port", "number between 1 and 65535");
  }
  url.port = port->get<int>();
  TARN_ASSIGN(const std::string protocol,
              TextOr(entry, "protocol", url.port == kHttpsPort ? kHttps : kHttp));
  if (protocol != kHttp && protocol != kHttps) return BadMember("protocol", "http or https");
  url.tls = protocol == kHttps;
  return url;
}

Result<WarehouseUrl> UrlOfList(const ordered_json& document) {
  const auto list = document.find("allowlist");
  if (list == document.end() || !list->is_array() || list->empty()) {
    return BadMember("allowlist", "list of objects");
  }
  for (const ordered_json& entry : *list) {
    if (entry.is_object() && entry.value("type", ordered_json()) == kDeployment) {
      return UrlOf(entry);
    }
  }
  return UrlOf(list->front());
}

}  // namespace

Result<AgentFiles> FindAgentFiles(const fs::path& directory) {
  std::error_code ignored;
  const fs::path inner = directory / "configuration", keys_inside = directory / "agent-keys";
  const fs::path configuration = fs::is_directory(inner, ignored) ? inner : directory;
  const fs::path keys = fs::is_directory(keys_inside, ignored) ? keys_inside : directory;
  const AgentFiles files{.snowflake = configuration / "snowflake.json",
                         .data_sources = configuration / "datasources.json",
                         .variables = configuration / "postgresql.conf",
                         .private_key = keys / "database-connector-agent-app-private-key.p8",
                         .public_key = keys / "database-connector-agent-app-public-key.pub"};
  if (fs::exists(files.snowflake, ignored)) return files;
  return std::unexpected(Error{ErrorKind::kNotFound,
                               fmt::format("there is no file \"{}\"", files.snowflake.string()),
                               "It tells an agent where the warehouse is.",
                               fmt::format("Make it beside the warehouse with: tarn agent "
                                           "generate-file {}",
                                           files.snowflake.string())});
}

std::string WarehouseUrl::Shown() const {
  return fmt::format("{}://{}:{}{}", tls ? kHttps : kHttp, host, port, path);
}

Result<WarehouseUrl> ParseWarehouseUrl(std::string_view text) {
  const auto bad = [] {
    return Fail(ErrorKind::kInvalidArgument,
                "the warehouse's URL is not of the form https://HOST:PORT");
  };
  WarehouseUrl url;
  if (const size_t scheme = text.find("://"); scheme != std::string_view::npos) {
    const std::string_view name = text.substr(0, scheme);
    if (name != kHttp && name != kHttps) return bad();
    url.tls = name == kHttps;
    text.remove_prefix(scheme + 3);
  }
  const size_t slash = std::min(text.find('/'), text.size());
  url.path = text.substr(slash);
  url.path.erase(url.path.find_last_not_of('/') + 1);
  std::string_view authority = text.substr(0, slash);
  url.port = url.tls ? kHttpsPort : kHttpPort;
  const size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    const std::string_view port = authority.substr(colon + 1);
    const auto read = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (read.ec != std::errc() || read.ptr != port.data() + port.size() || url.port < 1 ||
        url.port > kPortMax) {
      return bad();
    }
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
  }
  url.host = authority;
  if (url.host.empty() || url.host.find_first_of(" @?#\r\n") != std::string::npos ||
      url.path.find_first_of(" ?#\r\n") != std::string::npos) {
    return bad();
  }
  return url;
}

Result<WarehouseAccess> ParseWarehouseAccess(std::string_view json,
                                             const std::string& enforced_url) {
  const ordered_json document = ordered_json::parse(json, nullptr, false);
  if (!document.is_object()) {
    return Fail(ErrorKind::kInvalidArgument, "snowflake.json is no JSON object");
  }
  WarehouseAccess access;
  TARN_ASSIGN(access.account, TextOr(document, "accountName", kDefaultAccount));
  TARN_ASSIGN(access.user, TextOf(document, "userName"));
  TARN_ASSIGN(access.application, TextOf(document, "applicationName"));
  TARN_ASSIGN(access.temporary_key, TextOr(document, kTemporaryKey, ""));
  TARN_ASSIGN(access.url,
              enforced_url.empty() ? UrlOfList(document) : ParseWarehouseUrl(enforced_url));
  return access;
}

std::string WriteWarehouseAccess(const WarehouseAccess& access) {
  const ordered_json entry = {{"host", access.url.host},
                              {"port", access.url.port},
                              {"protocol", access.url.tls ? kHttps : kHttp},
                              {"type", kDeployment}};
  ordered_json document = {{"accountName", access.account},
                           {"userName", access.user},
                           {"applicationName", access.application},
                           {"allowlist", ordered_json::array({entry})}};
  if (!access.temporary_key.empty()) document[kTemporaryKey] = access.temporary_key;
  return document.dump(2) + "\n";
}

Result<> RemoveTemporaryKey(const fs::path& snowflake) {
  TARN_ASSIGN(const std::string text, provision::ReadFile(snowflake));
  ordered_json document = ordered_json::parse(text, nullptr, false);
  if (!document.is_object() || document.erase(kTemporaryKey) == 0) return {};
  return provision::WriteFile(snowflake, document.dump(2) + "\n", kSecretMode);
}

}  // namespace tarn::cli
