// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/storage.h"

namespace tarn::storage {

/// Where a location is on this machine: `path` beneath the directory `root`, or beneath
/// `root`/`bucket`.
struct LocalPlace {
  std::string root;    ///< absolute directory, no trailing slash
  std::string bucket;  ///< "" for file locations
  std::string path;    ///< relative; empty components, "." and ".." never occur

  /// The directory part of `path`, "" if none, and the last component.
  std::string_view parent() const;
  std::string_view name() const;
};

/// Maps locations to places. Immutable, so thread-safe.
class LocalPlaces {
 public:
  /// InvalidArgument for a relative buckets directory or a prefix that is no `file:///` directory.
  static Result<LocalPlaces> Make(const LocalStorageOptions& options);

  /// An object. Bytes are taken as they are (no %-decoding). InvalidArgument for malformed
  /// locations, PermissionDenied for those outside the allowed ones.
  Result<LocalPlace> Find(std::string_view location) const;
  /// A prefix of objects; `path` may be empty or end within a name.
  Result<LocalPlace> FindPrefix(std::string_view prefix) const;

 private:
  Result<LocalPlace> Split(std::string_view location) const;

  std::string buckets_directory_;
  std::vector<std::string> roots_;  ///< absolute, no trailing slash
};

}  // namespace tarn::storage
