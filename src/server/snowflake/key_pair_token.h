// SPDX-License-Identifier: Apache-2.0
// JSON web tokens with which users log in that have a key pair (Snowflake, "Key-pair
// authentication"): RS256, `iss` ACCOUNT.USER.SHA256:fingerprint, `sub` ACCOUNT.USER.
#pragma once

#include <string>
#include <string_view>

#include "server/snowflake/failure.h"
#include "warehouse/metastore/metastore.h"

namespace tarn::server::snowflake {

/// What a token says; a plain value.
struct KeyPairClaims {
  std::string user;
  std::string fingerprint;  ///< "SHA256:…" of the public key that it is to be checked with
  int64_t issued_s = 0, expires_s = 0;
};

/// What the token says, unchecked. 390144 for one that is not well formed.
Reply<KeyPairClaims> ReadKeyPairToken(std::string_view token);

/// Whether the key signed it.
bool IsSignedBy(std::string_view token, std::string_view key);

/// The user of a token that is good now.
Reply<std::string> UserOfKeyPairToken(warehouse::Metastore* metastore, std::string_view token);

}  // namespace tarn::server::snowflake
