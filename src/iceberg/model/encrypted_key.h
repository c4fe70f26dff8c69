// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

namespace tarn::iceberg {

/// A key that encrypts keys of the table, itself encrypted (spec, "Encryption Keys", v3). Kept and
/// handed on, never opened. A plain value.
struct EncryptedKey {
  std::string key_id;
  std::string encrypted_key_metadata;  ///< base64, as written
  std::optional<std::string> encrypted_by_id;
  std::map<std::string, std::string> properties;
  std::string unknown_members_json;  ///< JSON object as text, "" = none
  bool operator==(const EncryptedKey&) const = default;
};

}  // namespace tarn::iceberg
