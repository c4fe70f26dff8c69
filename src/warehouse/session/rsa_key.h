// SPDX-License-Identifier: Apache-2.0
// Public keys of users who log in by signing (RSA_PUBLIC_KEY).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "provision/signing_key.h"

namespace tarn::warehouse {

/// `key` is base64 of the DER form, with or without PEM's lines around it. InvalidArgument for what
/// is no RSA key of 2048 to 8192 bits.
Result<provision::PublicKey> ReadRsaKey(std::string_view key);

/// Its fingerprint; "" for what is no such key.
std::string RsaFingerprint(std::string_view key);

}  // namespace tarn::warehouse
