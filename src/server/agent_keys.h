// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "provision/signing_key.h"

namespace tarn::server {

/// Whose tokens agents of change capture bring: ACCOUNT.USER.
inline constexpr const char* kAgentAccount = "TARN";
inline constexpr const char* kAgentUser = "POSTGRESQL_AGENT_USER";
inline constexpr const char* kAgentSubject = "TARN.POSTGRESQL_AGENT_USER";

/// The public keys that agents prove themselves with, as files that the account alone reads: a
/// temporary one, which `tarn agent generate-file` made and which registers another once, and the
/// registered one. A value; processes may use the same directory at once.
class AgentKeys {
 public:
  /// `directory` is made where something is written to it.
  explicit AgentKeys(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// Absent: there is none.
  Result<std::optional<provision::PublicKey>> Registered() const;
  Result<std::optional<provision::PublicKey>> Temporary() const;
  Result<> SetTemporary(const provision::PublicKey& key) const;
  /// The temporary one is worth nothing when this returns.
  Result<> Register(const provision::PublicKey& key) const;

 private:
  Result<std::optional<provision::PublicKey>> Read(const char* name) const;
  Result<> Write(const char* name, std::string_view pem) const;

  std::filesystem::path directory_;
};

}  // namespace tarn::server
