// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <string>
#include <vector>

namespace tarn::catalog {

/// A table's name in a catalog: levels of its namespace, and its own. A plain value.
struct TableName {
  std::vector<std::string> name_space;
  std::string name;
  auto operator<=>(const TableName&) const = default;
};

}  // namespace tarn::catalog
