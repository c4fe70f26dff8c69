// SPDX-License-Identifier: Apache-2.0
// Where new tables live.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tarn::extension {

/// A location prefix as it is shown: "s3://bucket/path/" or "file:///path/", ending with
/// "frompg/tables/" exactly once. InvalidArgument for anything else, above all for prefixes that
/// could lead elsewhere than they say (dot components, empty components, control characters,
/// escapes).
Result<std::string> NormalizePrefix(std::string_view prefix);

/// True if `location` lies below one of the comma-separated `allowed` prefixes, or in a bucket.
bool IsAllowedLocation(std::string_view location, std::string_view allowed);

/// True if new tables may be placed at `location`: the list is empty, or names a prefix of it.
bool IsTableLocation(std::string_view location, std::string_view list);

/// The prefixes of a comma-separated list, each with its trailing slash. InvalidArgument for a
/// malformed one.
Result<std::vector<std::string>> ParseAllowedLocations(std::string_view list);

/// Letters, digits, '_' and '-' stay, each other byte becomes '_'; never empty.
std::string SanitizeComponent(std::string_view name);

/// <prefix><database>/<schema>/<table>/<oid>, without a trailing slash.
std::string TableLocation(std::string_view prefix, std::string_view database,
                          std::string_view schema, std::string_view table, uint32_t table_oid);

}  // namespace tarn::extension
