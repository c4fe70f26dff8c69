// SPDX-License-Identifier: Apache-2.0
// Names of the members of view metadata files, beside those that tables have too.
#pragma once

#include <string_view>

namespace tarn::iceberg::view_field {

inline constexpr std::string_view kViewUuid = "view-uuid";
inline constexpr std::string_view kCurrentVersionId = "current-version-id";
inline constexpr std::string_view kVersions = "versions";
inline constexpr std::string_view kVersionLog = "version-log";
inline constexpr std::string_view kVersionId = "version-id";
inline constexpr std::string_view kRepresentations = "representations";
inline constexpr std::string_view kDefaultCatalog = "default-catalog";
inline constexpr std::string_view kDefaultNamespace = "default-namespace";
inline constexpr std::string_view kSql = "sql";
inline constexpr std::string_view kDialect = "dialect";

}  // namespace tarn::iceberg::view_field
