// SPDX-License-Identifier: Apache-2.0
#include "rest/token.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <vector>

namespace tarn::rest {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr size_t kMacBytes = SHA256_DIGEST_LENGTH;
constexpr std::string_view kVersion = "tarn1";

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<uint8_t>(byte));
  return text;
}

std::string Hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, kMacBytes> mac{};
  unsigned int length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &length);
  return {reinterpret_cast<const char*>(mac.data()), length};
}

bool IsSame(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Result<std::string> RandomKey() {
  std::string key(kKeyBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), kKeyBytes) != 1) {
    return Fail(ErrorKind::kUnavailable, "could not get random bytes for a key");
  }
  return key;
}

std::unexpected<Error> FileFailed(const std::string& file, const char* action) {
  return Fail(ErrorKind::kUnavailable, "could not {} key file \"{}\": {}", action, file,
              std::strerror(errno));
}

Result<std::string> ReadKey(const std::string& file, int descriptor) {
  std::string key(kKeyBytes, '\0');
  const ssize_t count = read(descriptor, key.data(), key.size());
  close(descriptor);
  if (count == static_cast<ssize_t>(kKeyBytes)) return key;
  return Fail(ErrorKind::kCorruption, "key file \"{}\" has not {} bytes", file, kKeyBytes);
}

Result<std::string> MakeKey(const std::string& file) {
  TARN_ASSIGN(std::string key, RandomKey());
  // Appears whole: a torn key would shut everybody out for good.
  const std::string aside = file + ".new";
  const int descriptor = open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return FileFailed(aside, "make");
  const bool written =
      write(descriptor, key.data(), key.size()) == static_cast<ssize_t>(key.size()) &&
      fsync(descriptor) == 0;
  close(descriptor);
  if (!written) return FileFailed(aside, "write");
  if (rename(aside.c_str(), file.c_str()) != 0) return FileFailed(file, "make");
  return key;
}

template <typename Number>
bool TakeNumber(std::string_view& text, Number& number) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(read.ptr - text.data()));
  if (!text.empty()) {
    if (text.front() != '.') return false;
    text.remove_prefix(1);
  }
  return true;
}

}  // namespace

Result<TokenKey> TokenKey::Open(const std::string& file) {
  if (file.empty()) {
    TARN_ASSIGN(std::string key, RandomKey());
    return TokenKey(std::move(key));
  }
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno != ENOENT) return FileFailed(file, "read");
  TARN_ASSIGN(std::string key, descriptor < 0 ? MakeKey(file) : ReadKey(file, descriptor));
  return TokenKey(std::move(key));
}

std::string TokenKey::MacOf(std::string_view payload) const { return Hex(Hmac(key_, payload)); }

std::string TokenKey::Sign(const TokenClaims& claims) const {
  const std::string payload =
      fmt::format("{}.{}.{}.{}.{}.{}", kVersion, claims.user.value(), claims.role.value(),
                  claims.all_roles ? 1 : 0, claims.issued_ms, claims.expires_ms);
  return payload + "." + MacOf(payload);
}

std::optional<TokenClaims> TokenKey::Read(std::string_view token) const {
  const size_t last = token.rfind('.');
  if (last == std::string_view::npos || !token.starts_with(kVersion)) return std::nullopt;
  std::string_view payload = token.substr(0, last);
  if (!IsSame(MacOf(payload), token.substr(last + 1))) return std::nullopt;
  payload.remove_prefix(std::min(payload.size(), kVersion.size() + 1));
  int64_t user = 0;
  int64_t role = 0;
  int all_roles = 0;
  TokenClaims claims;
  const bool whole = TakeNumber(payload, user) && TakeNumber(payload, role) &&
                     TakeNumber(payload, all_roles) && TakeNumber(payload, claims.issued_ms) &&
                     TakeNumber(payload, claims.expires_ms) && payload.empty();
  if (!whole) return std::nullopt;
  claims.user = warehouse::ObjectId(user);
  claims.role = warehouse::ObjectId(role);
  claims.all_roles = all_roles != 0;
  return claims;
}

std::string Sha256Hex(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return Hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace tarn::rest
