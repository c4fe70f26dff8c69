// SPDX-License-Identifier: Apache-2.0
#include "provision/digest.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>

namespace tarn::provision {

std::string HexDigest(std::string_view content, size_t digits) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest.data());
  std::string text;
  for (const unsigned char byte : digest) text += fmt::format("{:02x}", byte);
  return text.substr(0, digits);
}

}  // namespace tarn::provision
