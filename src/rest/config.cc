// SPDX-License-Identifier: Apache-2.0
#include "iceberg/json/json_text.h"
#include "rest/operations.h"
#include "rest/place.h"
#include "rest/postgres_database.h"
#include "rest/routes.h"

namespace tarn::rest {

/// `warehouse=DB` makes the schemas of the database, or of "server.database", the namespaces;
/// without one, databases are the first level.
Reply<Response> GetConfig(const Service& service, const Call& call) {
  const std::string database = call.Query("warehouse").value_or("");
  std::map<std::string, std::string> overrides;
  if (!database.empty()) {
    REST_ASSIGN(const auto snapshot, service.account->metastore().Read());
    REST_ASSIGN(const auto postgres,
                FindPostgresDatabase(service, *snapshot, call.caller, database));
    if (!postgres && !FindNamespace(*snapshot, call, {database})) {
      return std::unexpected(Failure{404, "NoSuchWarehouseException",
                                     fmt::format("Warehouse does not exist: {}", database)});
    }
    overrides["prefix"] = PrefixOf(database);
  }
  Response response;
  iceberg::JsonText json(&response.body);
  json.BeginObject();
  json.Key("defaults");
  iceberg::WriteStringMap({}, json);
  json.Key("overrides");
  iceberg::WriteStringMap(overrides, json);
  json.Key("endpoints");
  json.BeginArray();
  for (const Endpoint& endpoint : Endpoints()) {
    if (endpoint.path == "/v1/config") continue;
    json.String(fmt::format("{} {}", endpoint.method, endpoint.path));
  }
  json.EndArray();
  json.Member("idempotency-key-lifetime",
              fmt::format("PT{}S", service.options.idempotency_lifetime_seconds));
  json.EndObject();
  return response;
}

}  // namespace tarn::rest
