// SPDX-License-Identifier: Apache-2.0
// The states of a directory catalog, as the objects that hold them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "catalog/catalog.h"

namespace tarn::catalog {

/// One state of the whole catalog. A plain value.
struct CatalogState {
  int64_t version = 0;  ///< 0: the empty catalog, which no object holds
  Uuid commit;          ///< names the commit that made this state
  /// Commits before this one, newest first: tell a committer whose answer got lost, or whose base
  /// was cleaned away meanwhile, whether its commit is part of the history.
  std::vector<Uuid> recent_commits;
  std::map<TableName, std::string> metadata_locations;
};

/// How many old states stay, and how far `recent_commits` reaches back (further).
inline constexpr int64_t kKeptStates = 100;
inline constexpr size_t kRecentCommits = 300;

/// The state after `base` with these tables, made by `commit`.
CatalogState NextState(const CatalogState& base, std::map<TableName, std::string> tables,
                       Uuid commit);

std::string SerializeCatalogState(const CatalogState& state);
Result<CatalogState> ParseCatalogState(std::string_view json);

/// `<location>/catalog/<20-digit version>.json`
std::string StateLocation(std::string_view catalog_location, int64_t version);
/// The version in such a location; -1 for any other object.
int64_t StateVersion(std::string_view object_location);

}  // namespace tarn::catalog
