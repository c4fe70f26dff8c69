// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "warehouse/objects/object_kind.h"

namespace tarn::warehouse {

/// What a catalog-linked database follows (CREATE DATABASE … LINKED_CATALOG).
struct LinkedCatalog {
  ObjectId catalog;
  std::string allowed_write_operations = "ALL";  ///< "NONE" or "ALL"
  std::vector<std::string> allowed_namespaces, blocked_namespaces;
  std::string namespace_mode = "IGNORE_NESTED_NAMESPACE";
  std::string namespace_flatten_delimiter;
  int64_t sync_interval_seconds = 30;
  bool operator==(const LinkedCatalog&) const = default;
};

template <>
struct Fields<LinkedCatalog> {
  static constexpr auto kAll =
      std::tuple{Field{"catalog_id", &LinkedCatalog::catalog},
                 Field{"allowed_write_operations", &LinkedCatalog::allowed_write_operations},
                 Field{"allowed_namespaces", &LinkedCatalog::allowed_namespaces},
                 Field{"blocked_namespaces", &LinkedCatalog::blocked_namespaces},
                 Field{"namespace_mode", &LinkedCatalog::namespace_mode},
                 Field{"namespace_flatten_delimiter", &LinkedCatalog::namespace_flatten_delimiter},
                 Field{"sync_interval_seconds", &LinkedCatalog::sync_interval_seconds}};
};

/// Its parameters (retention, default volume and catalog) are account parameters of its id
/// (metastore/parameters.h).
struct Database {
  static constexpr ObjectKind kKind = ObjectKind::kDatabase;
  bool transient = false;
  std::optional<LinkedCatalog> linked_catalog;
  bool operator==(const Database&) const = default;
};

template <>
struct Fields<Database> {
  static constexpr auto kAll = std::tuple{Field{"transient", &Database::transient},
                                          Field{"linked_catalog", &Database::linked_catalog}};
};

struct Schema {
  static constexpr ObjectKind kKind = ObjectKind::kSchema;
  bool transient = false;
  /// Only its owner grants on what is in it (WITH MANAGED ACCESS).
  bool managed_access = false;
  bool operator==(const Schema&) const = default;
};

template <>
struct Fields<Schema> {
  static constexpr auto kAll = std::tuple{Field{"transient", &Schema::transient},
                                          Field{"managed_access", &Schema::managed_access}};
};

inline constexpr const char* kInformationSchema = "INFORMATION_SCHEMA";
inline constexpr const char* kPublicSchema = "PUBLIC";

}  // namespace tarn::warehouse
