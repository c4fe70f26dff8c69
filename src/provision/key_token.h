// SPDX-License-Identifier: Apache-2.0
// JSON web tokens of those who have a pair of keys (Snowflake, "Key-pair authentication"): RS256,
// `iss` ACCOUNT.USER.SHA256:fingerprint, `sub` ACCOUNT.USER, `iat`, `exp`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "provision/signing_key.h"

namespace tarn::provision {

/// Between `iat` and `exp`.
inline constexpr int64_t kTokenSecondsMax = 3600;
/// Of two machines' clocks.
inline constexpr int64_t kClockSkewSeconds = 60;

/// `subject` is ACCOUNT.USER; times are seconds since 1970.
Result<std::string> MakeKeyToken(const PrivateKey& key, const std::string& subject,
                                 int64_t issued_s, int64_t expires_s);

/// PermissionDenied, with the reason, for a token that is not the subject's, made with `key`, and
/// good now.
Result<> CheckKeyToken(std::string_view token, const PublicKey& key, std::string_view subject,
                       int64_t now_s);

}  // namespace tarn::provision
