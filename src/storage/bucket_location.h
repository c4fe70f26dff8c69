// SPDX-License-Identifier: Apache-2.0
// Locations in buckets, taken apart.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"

namespace tarn::storage {

/// Views into the location. `key` may be empty.
struct BucketLocation {
  std::string_view scheme;  ///< "s3://", or another spelling of it
  std::string_view bucket;
  std::string_view key;
};

/// Nothing unless the location has one of the schemes of buckets and names one.
std::optional<BucketLocation> InBucket(std::string_view location);

/// Whether a path or key has only components that a location may have: none empty, "." or "..", and
/// no zero byte.
bool AreComponents(std::string_view path);

/// InvalidArgument, with what a location is.
std::unexpected<Error> MalformedLocation(std::string_view location);

/// Longer ones are malformed.
inline constexpr size_t kMaxLocationBytes = 3072;

}  // namespace tarn::storage
