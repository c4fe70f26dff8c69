// SPDX-License-Identifier: Apache-2.0
// Updates as REST requests carry them. JSON null counts as absent; names of actions in any case;
// members that the specification called otherwise before are taken too.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "iceberg/json/json_members.h"
#include "iceberg/json/json_text.h"
#include "iceberg/update/metadata_update.h"

namespace tarn::iceberg {

/// InvalidArgument naming the member, or the action if nobody knows it. `place` says where the
/// object stands, e.g. "updates[3]".
Result<MetadataUpdate> ParseUpdateTree(const Json& value, const std::string& place);
/// An array of them.
Result<std::vector<MetadataUpdate>> ParseUpdatesTree(const Json& array, const std::string& place);
Result<std::vector<MetadataUpdate>> ParseUpdates(std::string_view json);

void WriteUpdate(const MetadataUpdate& update, JsonText& out);
/// An array of them.
std::string SerializeUpdates(std::span<const MetadataUpdate> updates);

/// The failure of a request is its sender's: Corruption becomes InvalidArgument.
template <typename T>
Result<T> AsRequest(Result<T> parsed) {
  if (!parsed && parsed.error().kind == ErrorKind::kCorruption) {
    parsed.error().kind = ErrorKind::kInvalidArgument;
  }
  return parsed;
}

}  // namespace tarn::iceberg
