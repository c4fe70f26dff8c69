// SPDX-License-Identifier: Apache-2.0
// Public keys of users who log in by signing (RSA_PUBLIC_KEY).
#pragma once

#include <string>
#include <string_view>

namespace tarn::warehouse {

/// "SHA256:" and the base64 of SHA-256 of the key's DER form; "" for what is no RSA key of 2048
/// bits or more. `key` is base64 of the DER form, with or without PEM's lines around it.
std::string RsaFingerprint(std::string_view key);

/// Whether the key made the signature of the text (RS256: PKCS #1 1.5 with SHA-256).
bool VerifyRs256(std::string_view text, std::string_view signature, std::string_view key);

}  // namespace tarn::warehouse
