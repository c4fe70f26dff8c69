// SPDX-License-Identifier: Apache-2.0
#include "iceberg/json/unknown_members.h"

#include <algorithm>

namespace tarn::iceberg {

std::string UnknownMembers(const Json& object, std::span<const std::string_view> known) {
  Json unknown = Json::object();
  for (const auto& [name, value] : object.items()) {
    if (std::ranges::find(known, name) == known.end()) unknown[name] = value;
  }
  return unknown.empty() ? std::string() : DumpJson(unknown);
}

void WriteUnknownMembers(std::string_view object_json, JsonText& out) {
  if (object_json.size() > 2) out.Raw(object_json.substr(1, object_json.size() - 2));
}

}  // namespace tarn::iceberg
