// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <vector>

#include "capture/source/connection_settings.h"

namespace tarn::capture {
namespace {

/// RFC 3986's unreserved characters stand for themselves.
std::string Encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::vector<std::string> Parts(std::string_view list) {
  std::vector<std::string> parts;
  while (true) {
    const size_t comma = std::min(list.find(','), list.size());
    parts.emplace_back(list.substr(0, comma));
    if (comma == list.size()) return parts;
    list.remove_prefix(comma + 1);
  }
}

std::string HostText(const std::string& host) {
  const bool is_address = host.find(':') != std::string::npos;
  return is_address ? "[" + host + "]" : Encoded(host);
}

}  // namespace

std::string ToPostgresUrl(const ConnectionSettings& settings) {
  const auto value = [&](const char* keyword) {
    const auto found = settings.keywords.find(keyword);
    return found == settings.keywords.end() ? std::string() : found->second;
  };
  std::string url = "postgresql://";
  if (const std::string user = value("user"); !user.empty()) url += Encoded(user) + "@";
  const std::vector<std::string> hosts = Parts(value("host"));
  const std::vector<std::string> ports = Parts(value("port"));
  for (size_t i = 0; i < hosts.size(); ++i) {
    // One port is that of all hosts.
    const std::string& port = ports.size() == hosts.size() ? ports[i] : ports.front();
    url += (i == 0 ? "" : ",") + HostText(hosts[i]) + (port.empty() ? "" : ":" + port);
  }
  url += "/" + Encoded(value("dbname"));
  char separator = '?';
  for (const auto& [keyword, text] : settings.keywords) {
    if (keyword == "user" || keyword == "host" || keyword == "port" || keyword == "dbname")
      continue;
    url += separator + keyword + "=" + Encoded(text);
    separator = '&';
  }
  return url;
}

}  // namespace tarn::capture
