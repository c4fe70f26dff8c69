// SPDX-License-Identifier: Apache-2.0
#include "provision/key_token.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "provision/json_web_token.h"

namespace tarn::provision {
namespace {

using nlohmann::json;

bool IsText(const json& object, const char* name, std::string_view value) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() &&
         found->get_ref<const std::string&>() == value;
}

std::optional<int64_t> TimeOf(const json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number_integer()) return std::nullopt;
  const auto time = found->get<int64_t>();
  // Sums and differences stay within the type.
  constexpr int64_t kEnd = int64_t{1} << 40;
  return time < 0 || time > kEnd ? std::nullopt : std::optional(time);
}

std::unexpected<Error> Refuse(const char* reason) {
  return Fail(ErrorKind::kPermissionDenied, "the token {}", reason);
}

}  // namespace

Result<std::string> MakeKeyToken(const PrivateKey& key, const std::string& subject,
                                 int64_t issued_s, int64_t expires_s) {
  const json claims = {{"iss", subject + "." + key.public_key().fingerprint()},
                       {"sub", subject},
                       {"iat", issued_s},
                       {"exp", expires_s}};
  return MakeJsonWebToken(key, claims.dump());
}

Result<> CheckKeyToken(std::string_view token, const PublicKey& key, std::string_view subject,
                       int64_t now_s) {
  TARN_ASSIGN(const JsonWebToken read, ReadJsonWebToken(token));
  const json claims = json::parse(read.claims, nullptr, false);
  if (!IsText(claims, "sub", subject) ||
      !IsText(claims, "iss", std::string(subject) + "." + key.fingerprint())) {
    return Refuse("was issued by somebody else, or with another key");
  }
  if (!read.IsSignedBy(key)) return Refuse("has a wrong signature");
  const auto issued = TimeOf(claims, "iat"), expires = TimeOf(claims, "exp");
  if (!issued || !expires) return Refuse("says no times");
  if (*expires - *issued > kTokenSecondsMax) return Refuse("is good for more than an hour");
  if (*expires <= now_s) return Refuse("has expired; compare the clocks of both machines");
  if (*issued > now_s + kClockSkewSeconds) {
    return Refuse("is from the future; compare the clocks of both machines");
  }
  return {};
}

}  // namespace tarn::provision
