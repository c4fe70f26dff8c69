// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/rsa_key.h"

#include <algorithm>

namespace tarn::warehouse {

Result<provision::PublicKey> ReadRsaKey(std::string_view key) {
  // PEM's lines around it begin with a hyphen, which base64 has not.
  std::string pem = "-----BEGIN PUBLIC KEY-----\n";
  constexpr size_t kLineMax = 64;
  std::string base64;
  while (!key.empty()) {
    const size_t end = std::min(key.find('\n'), key.size());
    std::string_view line = key.substr(0, end);
    key.remove_prefix(std::min(end + 1, key.size()));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (!line.starts_with('-')) base64 += line;
  }
  for (size_t at = 0; at < base64.size(); at += kLineMax) pem += base64.substr(at, kLineMax) + "\n";
  return provision::PublicKey::Read(pem + "-----END PUBLIC KEY-----\n");
}

std::string RsaFingerprint(std::string_view key) {
  const auto read = ReadRsaKey(key);
  return read ? read->fingerprint() : std::string();
}

}  // namespace tarn::warehouse
