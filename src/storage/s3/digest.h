// SPDX-License-Identifier: Apache-2.0
// What S3 signs and checks bodies with.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tarn::storage::s3 {

using Sha256Digest = std::array<uint8_t, 32>;

Sha256Digest Sha256(std::span<const uint8_t> bytes);
Sha256Digest Sha256(std::string_view text);
Sha256Digest HmacSha256(std::span<const uint8_t> key, std::string_view text);

/// Lower-case hexadecimal, as signatures have it.
std::string Hex(const Sha256Digest& digest);
/// As the header x-amz-checksum-sha256 has it.
std::string Base64(const Sha256Digest& digest);
/// Content-MD5, which older servers want with a deletion of several objects.
std::string Base64Md5(std::string_view text);

}  // namespace tarn::storage::s3
