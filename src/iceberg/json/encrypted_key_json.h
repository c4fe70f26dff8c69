// SPDX-License-Identifier: Apache-2.0
// Encryption keys in metadata files and updates (spec, Appendix C, "Encryption Keys").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "iceberg/json/json_members.h"
#include "iceberg/json/json_text.h"
#include "iceberg/model/encrypted_key.h"

namespace tarn::iceberg {

Result<EncryptedKey> ParseEncryptionKeyTree(const Json& value, std::string place);
void WriteEncryptionKey(const EncryptedKey& key, JsonText& out);

/// The array of that name; empty if absent, and then not written.
Result<std::vector<EncryptedKey>> ParseEncryptionKeys(const JsonMembers& in, std::string_view name);
void WriteEncryptionKeys(std::string_view name, const std::vector<EncryptedKey>& keys,
                         JsonText& out);

}  // namespace tarn::iceberg
