// SPDX-License-Identifier: Apache-2.0
#include "rest/table_response.h"

#include <spdlog/spdlog.h>

#include <optional>
#include <set>

#include "base/location_text.h"
#include "rest/locations.h"
#include "rest/token.h"
#include "storage/routed_storage.h"

namespace tarn::rest {
namespace {

constexpr std::string_view kBucketScheme = "s3://";
constexpr size_t kEtagDigits = 32;

using Config = std::map<std::string, std::string>;

std::string BucketOf(const std::string& location) {
  const std::string canonical = CanonicalLocation(location);
  if (!canonical.starts_with(kBucketScheme)) return {};
  return canonical.substr(0, canonical.find('/', kBucketScheme.size()));
}

/// What clients are told of a bucket.
struct ToldAccess {
  Config address, secret;
};

ToldAccess TellAccess(const BucketAccess& buckets) {
  ToldAccess told;
  if (!buckets.endpoint.empty()) {
    told.address = {{"s3.endpoint", buckets.endpoint},
                    {"s3.path-style-access", "true"},
                    {"s3.region", buckets.region},
                    {"client.region", buckets.region}};
  }
  if (!buckets.access_key_id.empty()) {
    told.secret = {{"s3.access-key-id", buckets.access_key_id},
                   {"s3.secret-access-key", buckets.secret_access_key}};
  }
  return told;
}

ToldAccess TellAccess(const storage::ObjectStore& store) {
  ToldAccess told{.address = {{"s3.endpoint", store.endpoint},
                              {"s3.path-style-access", store.path_style ? "true" : "false"},
                              {"s3.region", store.region},
                              {"client.region", store.region}},
                  .secret = {}};
  if (!store.vend_credentials) return told;
  const auto credentials = storage::CredentialsOf(store);
  if (!credentials) {
    spdlog::warn("no credentials are handed out: {}", credentials.error().message);
    return told;
  }
  told.secret = {{"s3.access-key-id", credentials->access_key_id},
                 {"s3.secret-access-key", credentials->secret_access_key}};
  if (!credentials->session_token.empty()) {
    told.secret["s3.session-token"] = credentials->session_token;
  }
  return told;
}

/// How clients reach the bucket of a location: as the storage does, where that is no directory.
ToldAccess AccessOf(const Service& service, const std::string& location) {
  const auto* routed =
      dynamic_cast<const storage::RoutedStorage*>(service.account->tables().storage);
  const auto store = routed == nullptr ? std::nullopt : routed->StoreOf(location);
  return store ? TellAccess(*store) : TellAccess(service.options.buckets);
}

bool WantsCredentials(const Call& call) {
  return call.request->Header("x-iceberg-access-delegation").find("vended-credentials") !=
         std::string_view::npos;
}

iceberg::TableMetadata WithReferencedSnapshots(const iceberg::TableMetadata& metadata) {
  std::set<iceberg::SnapshotId> referenced;
  for (const auto& [name, ref] : metadata.refs) referenced.insert(ref.snapshot_id);
  iceberg::TableMetadata shown = metadata;
  std::erase_if(shown.snapshots, [&](const iceberg::CommittedSnapshot& snapshot) {
    return !referenced.contains(snapshot->id);
  });
  return shown;
}

}  // namespace

std::string EtagOf(const std::string& metadata_location, ShownSnapshots shown) {
  return fmt::format("\"{}-{}\"", Sha256Hex(metadata_location).substr(0, kEtagDigits),
                     shown == ShownSnapshots::kAll ? "all" : "refs");
}

Reply<ShownSnapshots> AskedSnapshots(const Call& call) {
  const std::string asked = call.Query("snapshots").value_or("");
  if (asked == "refs") return ShownSnapshots::kReferenced;
  if (asked.empty() || asked == "all") return ShownSnapshots::kAll;
  return BadRequest(fmt::format("Invalid snapshots: {}", asked));
}

void WriteCredentials(const Service& service, const std::string& location,
                      iceberg::JsonText& json) {
  const std::string bucket = BucketOf(location);
  if (bucket.empty()) return;
  const ToldAccess access = AccessOf(service, location);
  if (access.secret.empty()) return;
  Config config = access.address;
  config.insert(access.secret.begin(), access.secret.end());
  json.Key("storage-credentials");
  json.BeginArray();
  json.BeginObject();
  json.Member("prefix", bucket + "/");
  json.Key("config");
  iceberg::WriteStringMap(config, json);
  json.EndObject();
  json.EndArray();
}

Reply<Response> TableResponse(const Service& service, const Call& call,
                              const iceberg::LoadedTable& table, ShownSnapshots shown) {
  REST_ASSIGN(const std::string metadata,
              shown == ShownSnapshots::kAll
                  ? SerializeTableMetadata(*table.metadata)
                  : SerializeTableMetadata(WithReferencedSnapshots(*table.metadata)));
  Response response;
  iceberg::JsonText json(&response.body);
  json.BeginObject();
  if (!table.metadata_location.empty()) {
    json.Member("metadata-location", table.metadata_location);
    response.headers.emplace_back("ETag", EtagOf(table.metadata_location, shown));
  }
  json.Key("metadata");
  json.Raw(metadata);
  Config config;
  const std::string& location = table.metadata->location;
  if (!BucketOf(location).empty()) {
    ToldAccess access = AccessOf(service, location);
    config = std::move(access.address);
    if (WantsCredentials(call)) config.merge(access.secret);
  }
  json.Key("config");
  iceberg::WriteStringMap(config, json);
  if (WantsCredentials(call)) WriteCredentials(service, location, json);
  json.EndObject();
  return response;
}

Response CredentialsResponse(const Service& service, const std::string& location) {
  Response response;
  iceberg::JsonText json(&response.body);
  json.BeginObject();
  const size_t empty = response.body.size();
  WriteCredentials(service, location, json);
  if (response.body.size() == empty) {
    json.Key("storage-credentials");
    json.BeginArray();
    json.EndArray();
  }
  json.EndObject();
  return response;
}

Reply<Response> CommitResponse(const iceberg::LoadedTable& table) {
  REST_ASSIGN(const std::string metadata, SerializeTableMetadata(*table.metadata));
  Response response{.headers = {{"ETag", EtagOf(table.metadata_location, ShownSnapshots::kAll)}}};
  iceberg::JsonText json(&response.body);
  json.BeginObject();
  json.Member("metadata-location", table.metadata_location);
  json.Key("metadata");
  json.Raw(metadata);
  json.EndObject();
  return response;
}

}  // namespace tarn::rest
