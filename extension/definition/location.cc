// SPDX-License-Identifier: Apache-2.0
#include "definition/location.h"

#include <algorithm>
#include <cstdint>

#include "base/location_prefix.h"

namespace tarn::extension {
namespace {

constexpr std::string_view kTablesPath = "frompg/tables/";

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsBelowOneOf(std::string_view location, std::string_view list) {
  const auto prefixes = ParseAllowedLocations(list);
  return prefixes && std::ranges::any_of(*prefixes, [&](const std::string& prefix) {
           return location.starts_with(prefix);
         });
}

}  // namespace

Result<std::string> NormalizePrefix(std::string_view prefix) {
  TARN_ASSIGN(std::string directory, NormalizeLocationPrefix(prefix));
  if (!directory.ends_with(std::string("/") + std::string(kTablesPath))) directory += kTablesPath;
  return directory;
}

Result<std::vector<std::string>> ParseAllowedLocations(std::string_view list) {
  std::vector<std::string> prefixes;
  while (!list.empty()) {
    const size_t comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (item.empty()) continue;
    TARN_ASSIGN(std::string directory, NormalizeLocationPrefix(item));
    prefixes.push_back(std::move(directory));
  }
  return prefixes;
}

bool IsAllowedLocation(std::string_view location, std::string_view allowed) {
  return location.starts_with("s3://") || IsBelowOneOf(location, allowed);
}

bool IsTableLocation(std::string_view location, std::string_view list) {
  return list.find_first_not_of(" ,") == std::string_view::npos || IsBelowOneOf(location, list);
}

std::string SanitizeComponent(std::string_view name) {
  std::string component(name);
  for (char& c : component) {
    if (!IsAlphanumeric(c) && c != '_' && c != '-') c = '_';
  }
  return component.empty() ? "_" : component;
}

std::string TableLocation(std::string_view prefix, std::string_view database,
                          std::string_view schema, std::string_view table, uint32_t table_oid) {
  return fmt::format("{}{}/{}/{}/{}", prefix, SanitizeComponent(database),
                     SanitizeComponent(schema), SanitizeComponent(table), table_oid);
}

}  // namespace tarn::extension
