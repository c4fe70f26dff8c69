// SPDX-License-Identifier: Apache-2.0
#include "warehouse/volumes/compatible_stores.h"

#include <spdlog/spdlog.h>

#include <mutex>

#include "storage/bucket_location.h"
#include "storage/routed_storage.h"
#include "storage/s3/stores_file.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/volumes/storage_area.h"

namespace tarn::warehouse {
namespace {

constexpr std::string_view kScheme = "s3compat://";
constexpr const char* kKeyId = "AWS_KEY_ID";
constexpr const char* kSecretKey = "AWS_SECRET_KEY";
constexpr const char* kRegion = "us-east-1";  // what signatures name where the store has none

StatementFailure Invalid(std::string_view option, std::string_view value, std::string detail) {
  StatementFailure failure = InvalidParameterValue(option, value);
  failure.error().error.detail = std::move(detail);
  return failure;
}

StatementResult<storage::ObjectStore> StoreOf(const StorageLocation& location) {
  storage::ObjectStore store;
  const std::string& written = location.endpoint;
  const bool has_scheme = written.find("://") != std::string::npos;
  auto endpoint = storage::CheckEndpoint(has_scheme ? written : "https://" + written);
  if (!endpoint) {
    return Invalid("STORAGE_ENDPOINT", written, "An endpoint is host[:port], or a URL of those.");
  }
  store.endpoint = *std::move(endpoint);
  store.region = kRegion;
  for (const auto& [name, value] : location.credentials) {
    if (name == kKeyId) {
      store.credentials.access_key_id = value;
    } else if (name == kSecretKey) {
      store.credentials.secret_access_key = value;
    } else {
      return Invalid("CREDENTIALS", name, "They are AWS_KEY_ID and AWS_SECRET_KEY.");
    }
  }
  for (const char* name : {kKeyId, kSecretKey}) {
    const auto found = location.credentials.find(name);
    if (found == location.credentials.end() || found->second.empty()) return MissingOption(name);
  }
  return store;
}

std::string BucketOf(const std::string& base) {
  const auto place = storage::InBucket(base);
  return place ? std::string(place->bucket) : std::string();
}

/// By a condition and an order; of volumes that name one bucket, the first counts.
template <typename... Values>
Result<storage::ObjectStores> StoresOfVolumes(const Snapshot& snapshot, std::string_view which,
                                              const Values&... values) {
  storage::ObjectStores stores;
  TARN_ASSIGN(const auto volumes, snapshot.Objects<ExternalVolume>(which, values...));
  for (const auto& [head, volume] : volumes) {
    for (const StorageLocation& location : volume.locations) {
      if (location.provider != kCompatibleProvider) continue;
      const auto base = CompatibleBase(location);
      auto store = StoreOf(location);
      if (base && store) {
        stores.emplace(BucketOf(*base), *std::move(store));
      } else {
        spdlog::warn("storage location {} of external volume {} cannot be used", location.name,
                     head.name);
      }
    }
  }
  return stores;
}

}  // namespace

StatementResult<std::string> CompatibleBase(const StorageLocation& location) {
  if (!location.base_url.starts_with(kScheme)) {
    return InvalidParameterValue("STORAGE_BASE_URL", location.base_url);
  }
  return CheckedBaseUrl("STORAGE_BASE_URL", "s3://" + location.base_url.substr(kScheme.size()));
}

StatementResult<> CheckCompatible(Account& account, const StorageLocation& location,
                                  const std::string& replaced) {
  STATEMENT_ASSIGN(const std::string base, CompatibleBase(location));
  STATEMENT_ASSIGN(const storage::ObjectStore store, StoreOf(location));
  storage::Storage& storage = *account.tables().storage;
  const auto* routed = dynamic_cast<const storage::RoutedStorage*>(&storage);
  if (routed == nullptr) return UnsupportedFeature("STORAGE_PROVIDER = S3COMPAT");
  auto known = routed->ConfiguredStoreOf(base);
  if (!known) {
    STATEMENT_ASSIGN(const auto snapshot, account.metastore().Read());
    STATEMENT_ASSIGN(
        const storage::ObjectStores stores,
        StoresOfVolumes(*snapshot, "WHERE o.dropped_ms IS NULL AND o.name <> ?", replaced));
    const auto found = stores.find(BucketOf(base));
    if (found != stores.end()) known = found->second;
  }
  if (known) {
    const bool same = known->endpoint == store.endpoint && known->credentials == store.credentials;
    if (same) return {};
    return Invalid("STORAGE_BASE_URL", location.base_url,
                   "The bucket is reached at another endpoint, or with other credentials, by "
                   "tarn.toml or by another volume.");
  }
  // Of a volume that was dropped, or is about to be replaced.
  if (routed->StoreOf(base)) return {};
  bool has_files = false;
  const std::string bucket = "s3://" + BucketOf(base) + "/";
  const auto listed = storage.List(bucket, [&](const storage::ObjectInfo&) -> Result<> {
    has_files = true;
    return Fail(ErrorKind::kCancelled, "one is enough");
  });
  if (has_files) {
    return Invalid("STORAGE_BASE_URL", location.base_url,
                   "A directory of the data directory is the bucket of this name, and has files.");
  }
  STATEMENT_TRY(listed);
  return {};
}

Result<> UseCompatibleVolumes(Metastore& metastore, storage::Storage& storage) {
  auto* routed = dynamic_cast<storage::RoutedStorage*>(&storage);
  if (routed == nullptr) return {};
  // Whoever read an older state has set it before a newer one is read.
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  TARN_ASSIGN(const auto snapshot, metastore.Read());
  TARN_ASSIGN(const storage::ObjectStores stores,
              StoresOfVolumes(*snapshot, "ORDER BY o.dropped_ms IS NOT NULL, o.dropped_ms DESC"));
  routed->SetFurtherStores(stores);
  return {};
}

}  // namespace tarn::warehouse
