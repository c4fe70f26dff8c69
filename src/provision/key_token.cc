// SPDX-License-Identifier: Apache-2.0
#include "provision/key_token.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/base64.h"

namespace tarn::provision {
namespace {

using nlohmann::json;

constexpr size_t kTokenBytesMax = 8 * 1024;
constexpr size_t kGroupDigits = 4;
constexpr const char* kAlgorithm = "RS256";

/// RFC 4648's alphabet for URLs, without padding.
std::string EncodeForUrl(std::string_view bytes) {
  std::string text = EncodeBase64(bytes);
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  text.erase(text.find_last_not_of('=') + 1);
  return text;
}

std::optional<std::string> DecodeFromUrl(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  std::string plain(text);
  std::ranges::replace(plain, '-', '+');
  std::ranges::replace(plain, '_', '/');
  while (plain.size() % kGroupDigits != 0) plain += '=';
  return DecodeBase64(plain);
}

json DecodeObject(std::string_view part) {
  const auto text = DecodeFromUrl(part);
  return text ? json::parse(*text, nullptr, false) : json();
}

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
  const json header = {{"alg", kAlgorithm}, {"typ", "JWT"}};
  const json claims = {{"iss", subject + "." + key.public_key().fingerprint()},
                       {"sub", subject},
                       {"iat", issued_s},
                       {"exp", expires_s}};
  const std::string text = EncodeForUrl(header.dump()) + "." + EncodeForUrl(claims.dump());
  TARN_ASSIGN(const std::string signature, key.Sign(text));
  return text + "." + EncodeForUrl(signature);
}

Result<> CheckKeyToken(std::string_view token, const PublicKey& key, std::string_view subject,
                       int64_t now_s) {
  const size_t first = token.find('.'), last = token.rfind('.');
  if (token.size() > kTokenBytesMax || first == std::string_view::npos || first == last) {
    return Refuse("is not well formed");
  }
  const json header = DecodeObject(token.substr(0, first));
  const json claims = DecodeObject(token.substr(first + 1, last - first - 1));
  const auto signature = DecodeFromUrl(token.substr(last + 1));
  if (!header.is_object() || !claims.is_object() || !signature) {
    return Refuse("is not well formed");
  }
  // Nothing but this one: "none" and HMAC with the public key as its secret are known attacks.
  if (!IsText(header, "alg", kAlgorithm)) return Refuse("is not signed by RS256");
  if (!IsText(claims, "sub", subject) ||
      !IsText(claims, "iss", std::string(subject) + "." + key.fingerprint())) {
    return Refuse("was issued by somebody else, or with another key");
  }
  if (!key.HasSigned(token.substr(0, last), *signature)) return Refuse("has a wrong signature");
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
