// SPDX-License-Identifier: Apache-2.0
// Where objects of the warehouse reach storage: external volumes, stages. The one place that turns
// their URLs and the paths beneath them into locations, and that says what lies outside.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "warehouse/metastore/snapshot.h"
#include "warehouse/objects/integration.h"
#include "warehouse/objects/stage.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// A stretch of storage that an object opens. A plain value; every location that is reached through
/// the object is asked of here.
struct StorageArea {
  std::string base;  ///< "s3://bucket/path/", of sound components
  /// Of the integration. Absent: there is none, and all of the base is allowed. Empty: nothing.
  std::optional<std::vector<std::string>> allowed;
  std::vector<std::string> blocked;

  /// Whether the object may be reached. The schemes s3, s3a and s3n are one store.
  bool Holds(std::string_view location) const;
  /// The location of a relative path. 001008 for one that is absolute, empty, has a component that
  /// is empty, "." or "..", or lies where the integration forbids.
  StatementResult<std::string> Find(std::string_view path) const;
  /// The same for what all paths begin with: it may be empty, and end in a slash or within a name.
  StatementResult<std::string> FindPrefix(std::string_view path) const;
};

/// Of stages without a URL: `stages_location` is "file:///…/stages".
std::string InternalStageBase(std::string_view stages_location, ObjectId stage);

/// Fails as a URL that cannot be used does: no location of a bucket, or at a provider or endpoint
/// that is out of reach (000002).
StatementResult<StorageArea> AreaOf(const StorageLocation& location);
/// The location in use: the active one, else the first. 000002 where it is out of reach.
StatementResult<StorageArea> AreaOf(const ExternalVolume& volume);
/// With what the stage's integration allows at this moment.
StatementResult<StorageArea> AreaOf(const Snapshot& snapshot, ObjectId id, const Stage& stage,
                                    std::string_view stages_location);

/// The location of the volume in use.
const StorageLocation& ActiveLocation(const ExternalVolume& volume);

/// With its trailing slash, and s3 for the names that it has elsewhere. 001008, by the option's
/// name, for what is no location of a bucket.
StatementResult<std::string> CheckedBaseUrl(std::string_view option, std::string_view url);

}  // namespace tarn::warehouse
