// SPDX-License-Identifier: Apache-2.0
#include "provision/json_web_token.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/base64.h"

namespace tarn::provision {
namespace {

using nlohmann::json;

constexpr size_t kTokenBytesMax = 16 * 1024;
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

bool IsSignedByRs256(const json& header) {
  const auto found = header.find("alg");
  return found != header.end() && found->is_string() &&
         found->get_ref<const std::string&>() == kAlgorithm;
}

std::unexpected<Error> Refuse(const char* reason) {
  return Fail(ErrorKind::kPermissionDenied, "the token {}", reason);
}

}  // namespace

Result<JsonWebToken> ReadJsonWebToken(std::string_view token) {
  constexpr const char* kMalformed = "is not well formed";
  const size_t first = token.find('.'), last = token.rfind('.');
  if (token.size() > kTokenBytesMax || first == std::string_view::npos || first == last) {
    return Refuse(kMalformed);
  }
  const auto header = DecodeFromUrl(token.substr(0, first));
  auto claims = DecodeFromUrl(token.substr(first + 1, last - first - 1));
  auto signature = DecodeFromUrl(token.substr(last + 1));
  if (!header || !claims || !signature) return Refuse(kMalformed);
  const json parsed = json::parse(*header, nullptr, false);
  if (!parsed.is_object() || !json::parse(*claims, nullptr, false).is_object()) {
    return Refuse(kMalformed);
  }
  if (!IsSignedByRs256(parsed)) return Refuse("is not signed by RS256");
  return JsonWebToken{.claims = std::move(*claims),
                      .signature = std::move(*signature),
                      .signed_text = token.substr(0, last)};
}

Result<std::string> MakeJsonWebToken(const PrivateKey& key, std::string_view claims) {
  const json header = {{"alg", kAlgorithm}, {"typ", "JWT"}};
  const std::string text = EncodeForUrl(header.dump()) + "." + EncodeForUrl(claims);
  TARN_ASSIGN(const std::string signature, key.Sign(text));
  return text + "." + EncodeForUrl(signature);
}

}  // namespace tarn::provision
