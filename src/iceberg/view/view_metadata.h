// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/strong_id.h"
#include "base/uuid.h"
#include "iceberg/model/ids.h"
#include "iceberg/model/schema.h"

namespace tarn::iceberg {

using ViewVersionId = StrongId<int32_t, struct ViewVersionIdTag>;  ///< from 1

/// One way to say what a view is (view spec, "Representations"). Of the type "sql" for now; others
/// are kept.
struct ViewRepresentation {
  std::string type;
  std::string sql;
  std::string dialect;
  std::string unknown_members_json;  ///< JSON object as text, "" = none

  bool is_sql() const { return type == "sql"; }
  bool operator==(const ViewRepresentation&) const = default;
};

/// A definition of a view at one time (view spec, "Versions"). Immutable once committed.
struct ViewVersion {
  ViewVersionId id;
  SchemaId schema_id;
  int64_t timestamp_ms = 0;
  std::map<std::string, std::string> summary;
  std::vector<ViewRepresentation> representations;
  std::optional<std::string> default_catalog;
  std::vector<std::string> default_namespace;
  std::string unknown_members_json;  ///< JSON object as text, "" = none
  bool operator==(const ViewVersion&) const = default;
};

struct ViewLogEntry {
  int64_t timestamp_ms = 0;
  ViewVersionId version_id;
};

/// A whole view (view spec, "View Metadata"). A plain value.
struct ViewMetadata {
  int32_t format_version = 1;
  Uuid view_uuid;
  std::string location;
  std::vector<Schema> schemas;
  ViewVersionId current_version_id;
  std::vector<ViewVersion> versions;
  std::vector<ViewLogEntry> version_log;
  std::map<std::string, std::string> properties;
  std::string unknown_members_json;  ///< JSON object as text, "" = none

  const Schema* FindSchema(SchemaId id) const;
  const ViewVersion* FindVersion(ViewVersionId id) const;
  const ViewVersion& current_version() const;  ///< REQUIRES: parsed or built by this module
};

/// Unsupported for another format version; Corruption with the member's name when something
/// required is missing, malformed or refers to what is not there. Gzip is recognised by its magic.
Result<ViewMetadata> ParseViewMetadata(std::string_view bytes);

/// JSON. InvalidArgument for text that is not UTF-8.
Result<std::string> SerializeViewMetadata(const ViewMetadata& metadata);

}  // namespace tarn::iceberg
