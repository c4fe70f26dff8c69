// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/key_pair_token.h"

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "provision/json_web_token.h"
#include "server/snowflake/request_text.h"
#include "sql/syntax/name.h"
#include "warehouse/metastore/new_account.h"
#include "warehouse/objects/principals.h"
#include "warehouse/session/rsa_key.h"

namespace tarn::server::snowflake {
namespace {

using nlohmann::json;

/// Tokens live for an hour at most.
constexpr int64_t kLifetimeMax = 3600;
/// Of clocks of two machines.
constexpr int64_t kSkewSeconds = 60;
/// Above, a time counts milliseconds: Node.js' client writes it so.
constexpr int64_t kLastSecond = 100'000'000'000;

std::unexpected<Failure> Invalid() { return Refuse(code::kTokenInvalid, "JWT token is invalid."); }

int64_t TimeMember(const json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) return 0;
  const auto value = static_cast<int64_t>(found->get<double>());
  return value > kLastSecond ? value / 1000 : value;
}

}  // namespace

Reply<KeyPairClaims> ReadKeyPairToken(std::string_view token) {
  const auto read = provision::ReadJsonWebToken(token);
  if (!read) return Invalid();
  const json claims = json::parse(read->claims, nullptr, false);
  const std::string issuer = TextMember(claims, "iss"), subject = TextMember(claims, "sub");
  const size_t dot = subject.find('.'), mark = issuer.rfind(".SHA256:");
  if (dot == std::string::npos || mark == std::string::npos || issuer.substr(0, mark) != subject) {
    return Invalid();
  }
  return KeyPairClaims{.user = subject.substr(dot + 1),
                       .fingerprint = issuer.substr(mark + 1),
                       .issued_s = TimeMember(claims, "iat"),
                       .expires_s = TimeMember(claims, "exp")};
}

bool IsSignedBy(std::string_view token, std::string_view key) {
  const auto read = provision::ReadJsonWebToken(token);
  const auto good = warehouse::ReadRsaKey(key);
  return read && good && read->IsSignedBy(*good);
}

Reply<std::string> UserOfKeyPairToken(warehouse::Metastore* metastore, std::string_view token) {
  if (metastore == nullptr) return Invalid();
  const auto claims = ReadKeyPairToken(token);
  if (!claims) return std::unexpected(claims.error());
  const int64_t now = NowMs() / 1000;
  if (claims->expires_s + kSkewSeconds < now || claims->issued_s - kSkewSeconds > now ||
      claims->expires_s - claims->issued_s > kLifetimeMax) {
    return Invalid();
  }
  const auto snapshot = metastore->Read();
  if (!snapshot) return Invalid();
  const auto head = (*snapshot)->FindNamed(
      warehouse::kAccountId, warehouse::FamilyOf(warehouse::ObjectKind::kUser), claims->user);
  if (!head || !*head) return Invalid();
  const auto user = (*snapshot)->Find<warehouse::User>((*head)->id);
  if (!user || !*user || (*user)->disabled) return Invalid();
  for (const std::string* key : {&(*user)->rsa_public_key, &(*user)->rsa_public_key_2}) {
    if (!key->empty() && warehouse::RsaFingerprint(*key) == claims->fingerprint &&
        IsSignedBy(token, *key)) {
      return claims->user;
    }
  }
  return Invalid();
}

}  // namespace tarn::server::snowflake
