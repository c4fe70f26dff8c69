// SPDX-License-Identifier: Apache-2.0
// Paths into variants: `a.b[0]["odd key"]`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::engine {

struct PathStep {
  std::string key;
  int64_t index = -1;  ///< not negative: of an element
};

/// Nothing: it is no path. An empty text is an empty path.
std::optional<std::vector<PathStep>> ParsePath(std::string_view path);
std::optional<std::string_view> ValueAt(std::string_view value, const std::vector<PathStep>& path);
/// `path` with one more step, as FLATTEN writes it.
std::string PathToField(std::string_view path, std::string_view key);
std::string PathToElement(std::string_view path, int64_t index);

}  // namespace tarn::engine
