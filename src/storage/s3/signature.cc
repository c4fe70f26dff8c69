// SPDX-License-Identifier: Apache-2.0
#include "storage/s3/signature.h"

#include <fmt/core.h>

#include <algorithm>

#include "storage/s3/digest.h"

namespace tarn::storage::s3 {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kService = "s3";
constexpr size_t kDateLength = 8;

bool IsUnreserved(char byte) {
  return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
         (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

/// Without blanks around it, and with single ones within.
std::string Trimmed(std::string_view value) {
  std::string trimmed;
  for (const char byte : value) {
    const bool blank = byte == ' ' || byte == '\t';
    if (blank && (trimmed.empty() || trimmed.back() == ' ')) continue;
    trimmed += blank ? ' ' : byte;
  }
  if (trimmed.ends_with(' ')) trimmed.pop_back();
  return trimmed;
}

Sha256Digest SigningKey(const Credentials& credentials, std::string_view date,
                        std::string_view region) {
  const std::string secret = "AWS4" + credentials.secret_access_key;
  Sha256Digest key =
      HmacSha256({reinterpret_cast<const uint8_t*>(secret.data()), secret.size()}, date);
  key = HmacSha256(key, region);
  key = HmacSha256(key, kService);
  return HmacSha256(key, "aws4_request");
}

}  // namespace

std::string EncodeUri(std::string_view text, bool keep_slashes) {
  std::string encoded;
  encoded.reserve(text.size());
  for (const char byte : text) {
    if (IsUnreserved(byte) || (keep_slashes && byte == '/')) {
      encoded += byte;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(byte));
    }
  }
  return encoded;
}

std::string CanonicalQuery(const NamedTexts& query) {
  NamedTexts encoded;
  encoded.reserve(query.size());
  for (const auto& [name, value] : query) {
    encoded.emplace_back(EncodeUri(name, false), EncodeUri(value, false));
  }
  std::ranges::sort(encoded);
  std::string text;
  for (const auto& [name, value] : encoded) {
    text += fmt::format("{}{}={}", text.empty() ? "" : "&", name, value);
  }
  return text;
}

std::string Authorization(const SignedParts& parts, const Credentials& credentials,
                          std::string_view region, std::string_view timestamp) {
  NamedTexts headers = parts.headers;
  std::ranges::sort(headers);
  std::string header_lines, names;
  for (const auto& [name, value] : headers) {
    header_lines += fmt::format("{}:{}\n", name, Trimmed(value));
    names += (names.empty() ? "" : ";") + name;
  }
  const std::string request =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}", parts.method, parts.path, CanonicalQuery(parts.query),
                  header_lines, names, parts.payload_hash);
  const std::string_view date = timestamp.substr(0, kDateLength);
  const std::string scope = fmt::format("{}/{}/{}/aws4_request", date, region, kService);
  const std::string to_sign =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, timestamp, scope, Hex(Sha256(request)));
  const std::string signature = Hex(HmacSha256(SigningKey(credentials, date, region), to_sign));
  return fmt::format("{} Credential={}/{},SignedHeaders={},Signature={}", kAlgorithm,
                     credentials.access_key_id, scope, names, signature);
}

}  // namespace tarn::storage::s3
