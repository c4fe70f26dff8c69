// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tarn::warehouse {
class GuessLimit;
}

namespace tarn::rest {

/// How clients reach the buckets that the storage maps to directories. A plain value.
struct BucketAccess {
  std::string endpoint;  ///< "" = clients are told nothing: they have their own
  std::string region = "us-east-1";
  std::string access_key_id, secret_access_key;  ///< "" = none are handed out
};

struct CatalogOptions {
  /// Further prefixes ("file:///srv/lake/") under which a client may place tables, beside the
  /// account's own directory of tables and its buckets. The storage must allow them, too.
  std::vector<std::string> allowed_locations;
  BucketAccess buckets;
  /// Where the key that signs tokens is kept; "" = in memory: a restart ends all of them.
  std::string token_key_file;
  int64_t token_lifetime_seconds = 3600;
  int64_t idempotency_lifetime_seconds = 1800;
  /// Takes requests without a token as this user's; "" = refuses them. For tests, and where only
  /// one person reaches the port.
  std::string anonymous_user;
  /// Outlives the catalog; null: wrong passwords are not counted.
  warehouse::GuessLimit* guesses = nullptr;
};

}  // namespace tarn::rest
