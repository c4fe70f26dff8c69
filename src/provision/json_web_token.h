// SPDX-License-Identifier: Apache-2.0
// JSON web tokens (RFC 7519) in their compact form, signed by RS256 and by nothing else: "none",
// and HMAC with a public key as its secret, are known attacks. What the claims must say is their
// readers' to decide.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "provision/signing_key.h"

namespace tarn::provision {

/// A plain value; `signed_text` is a part of the text that was read.
struct JsonWebToken {
  std::string claims;  ///< the text of a JSON object
  std::string signature;
  std::string_view signed_text;

  bool IsSignedBy(const PublicKey& key) const { return key.HasSigned(signed_text, signature); }
};

/// What the token says, unchecked. PermissionDenied, with the reason, for one that is not well
/// formed, of more than 16 KiB, or signed otherwise.
Result<JsonWebToken> ReadJsonWebToken(std::string_view token);

/// `claims` is the text of a JSON object.
Result<std::string> MakeJsonWebToken(const PrivateKey& key, std::string_view claims);

}  // namespace tarn::provision
