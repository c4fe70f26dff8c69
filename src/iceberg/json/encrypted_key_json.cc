// SPDX-License-Identifier: Apache-2.0
#include "iceberg/json/encrypted_key_json.h"

#include <array>

#include "iceberg/json/metadata_fields.h"
#include "iceberg/json/unknown_members.h"

namespace tarn::iceberg {
namespace {

constexpr std::array kKnownMembers = {field::kKeyId, field::kEncryptedKeyMetadata,
                                      field::kEncryptedById, field::kProperties};

}  // namespace

Result<EncryptedKey> ParseEncryptionKeyTree(const Json& value, std::string place) {
  TARN_ASSIGN(const JsonMembers in, JsonMembers::Of(value, std::move(place)));
  EncryptedKey key;
  TARN_ASSIGN(key.key_id, in.String(field::kKeyId));
  TARN_ASSIGN(key.encrypted_key_metadata, in.String(field::kEncryptedKeyMetadata));
  TARN_ASSIGN(key.encrypted_by_id, in.OptionalString(field::kEncryptedById));
  if (const Json* properties = in.Find(field::kProperties)) {
    TARN_ASSIGN(key.properties, ParseStringMap(*properties, in.PlaceOf(field::kProperties)));
  }
  key.unknown_members_json = UnknownMembers(value, kKnownMembers);
  return key;
}

void WriteEncryptionKey(const EncryptedKey& key, JsonText& out) {
  out.BeginObject();
  out.Member(field::kKeyId, key.key_id);
  out.Member(field::kEncryptedKeyMetadata, key.encrypted_key_metadata);
  if (key.encrypted_by_id) out.Member(field::kEncryptedById, *key.encrypted_by_id);
  if (!key.properties.empty()) {
    out.Key(field::kProperties);
    WriteStringMap(key.properties, out);
  }
  WriteUnknownMembers(key.unknown_members_json, out);
  out.EndObject();
}

Result<std::vector<EncryptedKey>> ParseEncryptionKeys(const JsonMembers& in,
                                                      std::string_view name) {
  TARN_ASSIGN(const Json* array, in.OptionalArray(name));
  std::vector<EncryptedKey> keys;
  for (size_t i = 0; array != nullptr && i < array->size(); ++i) {
    TARN_ASSIGN(EncryptedKey key, ParseEncryptionKeyTree((*array)[i], in.PlaceOf(name, i)));
    keys.push_back(std::move(key));
  }
  return keys;
}

void WriteEncryptionKeys(std::string_view name, const std::vector<EncryptedKey>& keys,
                         JsonText& out) {
  if (keys.empty()) return;
  out.Key(name);
  out.BeginArray();
  for (const EncryptedKey& key : keys) WriteEncryptionKey(key, out);
  out.EndArray();
}

}  // namespace tarn::iceberg
