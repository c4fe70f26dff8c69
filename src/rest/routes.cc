// SPDX-License-Identifier: Apache-2.0
#include "rest/routes.h"

#include <algorithm>
#include <array>
#include <vector>

#include "rest/operations.h"
#include "rest/postgres_operations.h"
#include "rest/uri_text.h"

namespace tarn::rest {
namespace {

constexpr std::string_view kPrefix = "{prefix}";
constexpr std::array<std::string_view, 5> kRoots = {"namespaces", "tables", "views", "transactions",
                                                    "config"};

#define NAMESPACES "/v1/{prefix}/namespaces"
#define NAMESPACE NAMESPACES "/{namespace}"
#define TABLE NAMESPACE "/tables/{table}"
#define VIEW NAMESPACE "/views/{view}"
constexpr std::array kEndpoints = {
    Endpoint{"GET", "/v1/config", GetConfig},
    Endpoint{"GET", NAMESPACES, ListNamespaces, postgres::ListNamespaces},
    Endpoint{"POST", NAMESPACES, CreateNamespace, nullptr, true},
    Endpoint{"GET", NAMESPACE, LoadNamespace, postgres::LoadNamespace},
    Endpoint{"HEAD", NAMESPACE, NamespaceExists, postgres::NamespaceExists},
    Endpoint{"DELETE", NAMESPACE, DropNamespace, nullptr, true},
    Endpoint{"POST", NAMESPACE "/properties", UpdateNamespace, nullptr, true},
    Endpoint{"GET", NAMESPACE "/tables", ListTables, postgres::ListTables},
    Endpoint{"POST", NAMESPACE "/tables", CreateTable, nullptr, true},
    Endpoint{"POST", NAMESPACE "/register", RegisterTable, nullptr, true},
    Endpoint{"GET", TABLE, LoadTable, postgres::LoadTable},
    Endpoint{"HEAD", TABLE, TableExists, postgres::TableExists},
    Endpoint{"POST", TABLE, CommitTable, postgres::CommitTable, true},
    Endpoint{"DELETE", TABLE, DropTable, nullptr, true},
    Endpoint{"POST", TABLE "/metrics", ReportMetrics, postgres::TableExists},
    Endpoint{"GET", TABLE "/credentials", LoadCredentials, postgres::LoadCredentials},
    Endpoint{"POST", "/v1/{prefix}/tables/rename", RenameTable, nullptr, true},
    Endpoint{"POST", "/v1/{prefix}/transactions/commit", CommitTransaction,
             postgres::CommitTransaction, true},
    Endpoint{"GET", NAMESPACE "/views", ListViews, postgres::ListViews},
    Endpoint{"POST", NAMESPACE "/views", CreateView, nullptr, true},
    Endpoint{"POST", NAMESPACE "/register-view", RegisterView, nullptr, true},
    Endpoint{"GET", VIEW, LoadView, postgres::NoView},
    Endpoint{"HEAD", VIEW, ViewExists, postgres::NoView},
    Endpoint{"POST", VIEW, ReplaceView, nullptr, true},
    Endpoint{"DELETE", VIEW, DropView, nullptr, true},
    Endpoint{"POST", "/v1/{prefix}/views/rename", RenameView, nullptr, true},
};
#undef VIEW
#undef TABLE
#undef NAMESPACE
#undef NAMESPACES

std::vector<std::string_view> SplitPath(std::string_view path) {
  std::vector<std::string_view> parts;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const size_t slash = path.find('/');
    parts.push_back(path.substr(0, slash));
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash);
  }
  if (!parts.empty() && parts.back().empty()) parts.pop_back();
  return parts;
}

/// Without a prefix, the one in the template is passed over.
std::optional<Route> Match(const Endpoint& endpoint, const std::vector<std::string_view>& parts,
                           bool has_prefix) {
  std::vector<std::string_view> wanted = SplitPath(endpoint.path);
  if (!has_prefix) std::erase(wanted, kPrefix);
  if (wanted.size() != parts.size()) return std::nullopt;
  Route route{.endpoint = &endpoint, .prefix = {}, .name_space = {}, .name = {}};
  for (size_t i = 0; i < parts.size(); ++i) {
    if (wanted[i] == kPrefix) {
      route.prefix = parts[i];
    } else if (wanted[i] == "{namespace}") {
      route.name_space = parts[i];
    } else if (wanted[i].starts_with('{')) {
      route.name = parts[i];
    } else if (wanted[i] != parts[i]) {
      return std::nullopt;
    }
  }
  return route;
}

}  // namespace

std::span<const Endpoint> Endpoints() { return kEndpoints; }

Reply<Route> FindRoute(std::string_view method, std::string_view path) {
  const std::vector<std::string_view> parts = SplitPath(path);
  const bool has_prefix = parts.size() > 1 && std::ranges::find(kRoots, parts[1]) == kRoots.end();
  bool known = false;
  for (const Endpoint& endpoint : kEndpoints) {
    const auto route = Match(endpoint, parts, has_prefix);
    if (!route) continue;
    if (endpoint.method == method) return *route;
    known = true;
  }
  if (known) {
    return std::unexpected(Failure{405, "UnsupportedOperationException",
                                   fmt::format("Method {} is not allowed for {}", method, path)});
  }
  return std::unexpected(
      Failure{404, "NotFoundException", fmt::format("No route for request: {} {}", method, path)});
}

std::string PrefixOf(std::string_view database) {
  std::string prefix = EncodeUriPart(database);
  if (std::ranges::find(kRoots, prefix) == kRoots.end()) return prefix;
  // Written in another way, so that it is none of the words that follow a prefix.
  return fmt::format("%{:02X}{}", static_cast<unsigned char>(prefix.front()), prefix.substr(1));
}

}  // namespace tarn::rest
