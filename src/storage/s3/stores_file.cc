// SPDX-License-Identifier: Apache-2.0
#include "storage/s3/stores_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "base/file_content.h"

namespace tarn::storage {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStoresFile = "tarn.toml";
constexpr std::string_view kDefaultRegion = "us-east-1";
constexpr std::string_view kAmazon = "amazonaws.com";

std::unexpected<Error> Wrong(const std::string& path, std::string_view key,
                             std::string_view problem, std::string hint = {}) {
  return std::unexpected(Error{ErrorKind::kInvalidArgument,
                               fmt::format("{} in \"{}\" {}", key, path, problem),
                               {},
                               std::move(hint)});
}

/// One `[bucket.<name>]`.
class BucketTable {
 public:
  BucketTable(std::string path, std::string name, const toml::table& table)
      : path_(std::move(path)), name_(std::move(name)), table_(table) {}

  Result<ObjectStore> Read() {
    TARN_TRY(CheckKeys());
    ObjectStore store;
    TARN_ASSIGN(store.region, Text("region", std::string(kDefaultRegion)));
    TARN_TRY(ReadPlace(store));
    TARN_TRY(ReadCredentials(store));
    return store;
  }

 private:
  Result<> CheckKeys() const {
    constexpr std::string_view kKeys[] = {
        "endpoint",      "region",           "path_style", "ca_file",           "access_key_id",
        "session_token", "credentials_file", "profile",    "secret_access_key", "vend_credentials"};
    for (const auto& [key, value] : table_) {
      if (std::ranges::find(kKeys, key.str()) == std::end(kKeys)) {
        return Wrong(path_, Named(key.str()), "is no setting of a bucket");
      }
    }
    return {};
  }

  std::string Named(std::string_view key) const {
    return fmt::format("\"bucket.{}.{}\"", name_, key);
  }

  Result<std::string> Text(std::string_view key, std::string fallback) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return fallback;
    const auto value = node->value_exact<std::string>();
    if (!value || value->empty()) return Wrong(path_, Named(key), "is not a text");
    if (std::ranges::any_of(*value, [](unsigned char byte) { return byte < 0x20; })) {
      return Wrong(path_, Named(key), "has a control character");
    }
    return *value;
  }

  Result<bool> Flag(std::string_view key, bool fallback) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return fallback;
    const auto value = node->value_exact<bool>();
    if (!value) return Wrong(path_, Named(key), "is neither true nor false");
    return *value;
  }

  /// A path, relative to where the file is.
  Result<std::string> Path(std::string_view key) const {
    TARN_ASSIGN(const std::string text, Text(key, ""));
    if (text.empty()) return text;
    return (fs::absolute(path_).parent_path() / text).lexically_normal().string();
  }

  Result<> ReadPlace(ObjectStore& store) const {
    TARN_ASSIGN(const std::string endpoint,
                Text("endpoint", fmt::format("https://s3.{}.{}", store.region, kAmazon)));
    auto checked = CheckEndpoint(endpoint);
    if (!checked) return Wrong(path_, Named("endpoint"), checked.error().message);
    store.endpoint = *std::move(checked);
    // A wildcard certificate is for one level of names.
    store.path_style =
        store.endpoint.find(kAmazon) == std::string::npos || name_.find('.') != std::string::npos;
    TARN_ASSIGN(store.path_style, Flag("path_style", store.path_style));
    TARN_ASSIGN(store.vend_credentials, Flag("vend_credentials", false));
    TARN_ASSIGN(store.ca_file, Path("ca_file"));
    return {};
  }

  Result<> ReadCredentials(ObjectStore& store) const {
    TARN_ASSIGN(store.credentials_file, Path("credentials_file"));
    TARN_ASSIGN(store.profile, Text("profile", "default"));
    TARN_ASSIGN(store.credentials.access_key_id, Text("access_key_id", ""));
    TARN_ASSIGN(store.credentials.secret_access_key, Text("secret_access_key", ""));
    TARN_ASSIGN(store.credentials.session_token, Text("session_token", ""));
    const bool has_key = !store.credentials.access_key_id.empty();
    const bool has_secret = !store.credentials.secret_access_key.empty();
    if (has_key != has_secret) {
      return Wrong(path_, Named(has_key ? "access_key_id" : "secret_access_key"),
                   "stands without the other half of the credentials");
    }
    if (has_key && !store.credentials_file.empty()) {
      return Wrong(path_, Named("credentials_file"), "stands beside credentials");
    }
    if (has_secret) return CheckSecretFile(path_);
    if (!store.credentials_file.empty()) return {};
    if (table_.contains("profile")) {
      return Wrong(path_, Named("profile"), "stands without a credentials_file");
    }
    return FromEnvironment(store);
  }

  Result<> FromEnvironment(ObjectStore& store) const {
    const auto variable = [](const char* name) {
      const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): never set
      return std::string(value == nullptr ? "" : value);
    };
    store.credentials = {variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"),
                         variable("AWS_SESSION_TOKEN")};
    if (!store.credentials.access_key_id.empty() && !store.credentials.secret_access_key.empty()) {
      return {};
    }
    return Wrong(path_, fmt::format("bucket \"{}\"", name_), "has no credentials",
                 "Name a credentials_file, access_key_id and secret_access_key, or set "
                 "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. PostgreSQL gives its lake engine "
                 "no such variables.");
  }

  const std::string path_, name_;
  const toml::table& table_;
};

}  // namespace

Result<std::string> CheckEndpoint(std::string_view endpoint) {
  while (endpoint.ends_with('/')) endpoint.remove_suffix(1);
  const bool scheme = endpoint.starts_with("https://") || endpoint.starts_with("http://");
  const std::string_view host =
      scheme ? endpoint.substr(endpoint.find("://") + 3) : std::string_view();
  const bool sound = !host.empty() && std::ranges::all_of(host, [](unsigned char byte) {
    return std::isalnum(byte) != 0 || std::string_view("-.:[]_").contains(char(byte));
  });
  if (!sound) return Fail(ErrorKind::kInvalidArgument, "is not of the form https://host[:port]");
  return std::string(endpoint);
}

std::string StoresFileOf(const std::string& buckets_directory) {
  fs::path directory = fs::path(buckets_directory).lexically_normal();
  if (!directory.has_filename()) directory = directory.parent_path();
  return directory.empty() ? "" : (directory.parent_path() / kStoresFile).string();
}

Result<ObjectStores> ReadStoresFile(const std::string& path) {
  if (path.empty()) return ObjectStores();
  TARN_ASSIGN(const auto text, ReadFileIfPresent(path));
  if (!text) return ObjectStores();
  const toml::parse_result parsed = toml::parse(*text, path);
  if (!parsed) {
    return Fail(ErrorKind::kInvalidArgument, "line {} of \"{}\" is not TOML: {}",
                parsed.error().source().begin.line, path, parsed.error().description());
  }
  ObjectStores stores;
  for (const auto& [key, value] : parsed.table()) {
    const toml::table* buckets = value.as_table();
    if (key.str() != "bucket" || buckets == nullptr) {
      return Wrong(path, fmt::format("\"{}\"", key.str()), "is no setting",
                   "Settings of a bucket follow a line [bucket.<name>].");
    }
    for (const auto& [bucket, entry] : *buckets) {
      const std::string name(bucket.str());
      if (entry.as_table() == nullptr) {
        return Wrong(path, fmt::format("\"bucket.{}\"", name), "is not a table");
      }
      TARN_ASSIGN(stores[name], BucketTable(path, name, *entry.as_table()).Read());
    }
  }
  return stores;
}

}  // namespace tarn::storage
