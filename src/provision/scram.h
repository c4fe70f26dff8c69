// SPDX-License-Identifier: Apache-2.0
// Passwords and their SCRAM-SHA-256 verifiers (RFC 5802, RFC 7677; format as in PostgreSQL's
// pg_authid): the server is given verifiers only, so that no password reaches a log, a file or a
// process list.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tarn::provision {

/// 24 letters and digits (142 bits) from the system's random generator. ASCII, so that SASLprep
/// leaves it alone.
Result<std::string> GeneratePassword();

/// What a server keeps of a password: bytes, not their text.
struct ScramSecrets {
  int iterations = 0;
  std::string salt, stored_key, server_key;
};

/// With a random salt of 16 bytes and PostgreSQL's 4096 iterations. InvalidArgument for a password
/// that is empty or not ASCII.
Result<ScramSecrets> MakeScramSecrets(std::string_view password);

/// "SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>". `password` must be ASCII.
Result<std::string> ScramVerifier(std::string_view password, std::span<const unsigned char> salt,
                                  int iterations);

/// The same with a random salt of 16 bytes and PostgreSQL's 4096 iterations.
Result<std::string> ScramVerifier(std::string_view password);

}  // namespace tarn::provision
