// SPDX-License-Identifier: Apache-2.0
#include "rest/postgres_database.h"

#include "provision/server_config.h"
#include "rest/uri_text.h"
#include "warehouse/instances/instance_manager.h"

namespace tarn::rest {
namespace {

using warehouse::ObjectHead;
using warehouse::ObjectKind;

Reply<std::vector<ObjectHead>> UsableInstances(const Service& service,
                                               const warehouse::Snapshot& snapshot,
                                               const warehouse::Caller& caller) {
  std::vector<ObjectHead> usable;
  if (service.account->instances() == nullptr) return usable;
  REST_ASSIGN(const auto authority, warehouse::Authority::Of(snapshot, caller));
  REST_ASSIGN(auto heads, snapshot.Heads("WHERE o.kind = ? AND o.dropped_ms IS NULL",
                                         ObjectKind::kPostgresInstance));
  for (ObjectHead& head : heads) {
    REST_ASSIGN(const bool uses, authority.Has(head, warehouse::kUsage));
    if (uses) usable.push_back(std::move(head));
  }
  return usable;
}

/// The first level of the namespace of the first table in a commit of several.
std::optional<std::string> FirstChanged(const Call& call) {
  const auto body = iceberg::Json::parse(call.request->body, nullptr, false);
  if (!body.is_object() || !body.contains("table-changes")) return std::nullopt;
  const iceberg::Json& changes = body["table-changes"];
  if (!changes.is_array() || changes.empty() || !changes[0].is_object()) return std::nullopt;
  const iceberg::Json* at = &changes[0];
  for (const char* member : {"identifier", "namespace"}) {
    if (!at->is_object() || !at->contains(member)) return std::nullopt;
    at = &(*at)[member];
  }
  if (!at->is_array() || at->empty() || !(*at)[0].is_string()) return std::nullopt;
  return (*at)[0].get<std::string>();
}

}  // namespace

std::optional<std::string> NamedDatabase(const Call& call) {
  if (call.database) return call.database;
  if (!call.name_space.empty()) return call.name_space.front();
  if (const auto parent = call.Query("parent"); parent && !parent->empty()) {
    return NamespaceOfText(*parent).front();
  }
  return call.request->path.ends_with("/transactions/commit") ? FirstChanged(call) : std::nullopt;
}

Reply<std::optional<PostgresDatabase>> FindPostgresDatabase(const Service& service,
                                                            const warehouse::Snapshot& snapshot,
                                                            const warehouse::Caller& caller,
                                                            const std::string& name) {
  const size_t dot = name.find('.');
  if (dot == std::string::npos) return std::nullopt;
  REST_ASSIGN(const auto own,
              snapshot.FindNamed(warehouse::kAccountId, FamilyOf(ObjectKind::kDatabase), name));
  if (own) return std::nullopt;
  REST_ASSIGN(const auto instances, UsableInstances(service, snapshot, caller));
  for (const ObjectHead& instance : instances) {
    if (warehouse::ServerName(instance.name) != name.substr(0, dot)) continue;
    return PostgresDatabase{
        .server = name.substr(0, dot), .database = name.substr(dot + 1), .instance = instance};
  }
  return std::nullopt;
}

Reply<std::vector<std::string>> PostgresDatabaseNames(const Service& service,
                                                      const warehouse::Snapshot& snapshot,
                                                      const warehouse::Caller& caller) {
  std::vector<std::string> names;
  REST_ASSIGN(const auto instances, UsableInstances(service, snapshot, caller));
  for (const ObjectHead& instance : instances) {
    const std::string server = warehouse::ServerName(instance.name);
    auto connection =
        service.account->instances()->connections().Take(server, provision::kDatabase);
    // What does not run has nothing that could be read or written.
    if (!connection) continue;
    REST_ASSIGN(const auto rows, (*connection)
                                     ->Run("SELECT datname FROM pg_database WHERE "
                                           "datallowconn AND NOT datistemplate"));
    for (const provision::ServerRow& row : rows) names.push_back(server + "." + row[0].value());
  }
  return names;
}

std::vector<std::string> LevelsInDatabase(const Call& call,
                                          const std::vector<std::string>& levels) {
  if (call.database || levels.empty()) return levels;
  return {levels.begin() + 1, levels.end()};
}

}  // namespace tarn::rest
