// SPDX-License-Identifier: Apache-2.0
// Bearer tokens that need no memory: who, with which role, from when until when, under a MAC.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "warehouse/objects/object_kind.h"

namespace tarn::rest {

/// A plain value.
struct TokenClaims {
  warehouse::ObjectId user, role;
  bool all_roles = false;  ///< every role of the user beside it
  int64_t issued_ms = 0;
  int64_t expires_ms = 0;
};

/// Makes and checks tokens of one key. Immutable, so thread-safe.
class TokenKey {
 public:
  /// Reads the key, or makes one, readable by its owner only. "": a key that is forgotten with the
  /// process, and its tokens with it.
  static Result<TokenKey> Open(const std::string& file);

  std::string Sign(const TokenClaims& claims) const;
  /// Absent: not made with this key. Whether its time is over is the caller's to ask.
  std::optional<TokenClaims> Read(std::string_view token) const;

 private:
  explicit TokenKey(std::string key) : key_(std::move(key)) {}
  std::string MacOf(std::string_view payload) const;

  std::string key_;
};

/// SHA-256 as lower-case hexadecimal digits.
std::string Sha256Hex(std::string_view text);

}  // namespace tarn::rest
