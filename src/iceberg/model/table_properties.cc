// SPDX-License-Identifier: Apache-2.0
#include "iceberg/model/table_properties.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string_view>

namespace tarn::iceberg {

int64_t NumberProperty(const TableMetadata& metadata, const char* name, int64_t fallback) {
  const auto found = metadata.properties.find(name);
  if (found == metadata.properties.end()) return fallback;
  const std::string& text = found->second;
  int64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool valid = result.ec == std::errc() && result.ptr == text.data() + text.size();
  return valid ? number : fallback;
}

bool BoolProperty(const TableMetadata& metadata, const char* name, bool fallback) {
  const auto found = metadata.properties.find(name);
  if (found == metadata.properties.end()) return fallback;
  constexpr std::string_view kTrue = "true";
  return std::ranges::equal(found->second, kTrue, [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == b;
  });
}

}  // namespace tarn::iceberg
