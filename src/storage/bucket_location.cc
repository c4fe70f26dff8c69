// SPDX-License-Identifier: Apache-2.0
#include "storage/bucket_location.h"

namespace tarn::storage {
namespace {

/// Manifests of other writers name one object in several ways; they stay different names.
constexpr std::string_view kSchemes[] = {"s3://", "s3a://", "s3n://"};

bool IsComponent(std::string_view text) {
  return !text.empty() && text != "." && text != ".." && text.find('\0') == std::string_view::npos;
}

}  // namespace

bool AreComponents(std::string_view path) {
  for (;;) {
    const size_t slash = path.find('/');
    if (!IsComponent(path.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

std::optional<BucketLocation> InBucket(std::string_view location) {
  for (const std::string_view scheme : kSchemes) {
    if (!location.starts_with(scheme)) continue;
    const std::string_view rest = location.substr(scheme.size());
    const size_t slash = rest.find('/');
    const std::string_view bucket = rest.substr(0, slash);
    if (slash == std::string_view::npos || !IsComponent(bucket)) return std::nullopt;
    return BucketLocation{location.substr(0, scheme.size()), bucket, rest.substr(slash + 1)};
  }
  return std::nullopt;
}

std::unexpected<Error> MalformedLocation(std::string_view location) {
  constexpr size_t kShownBytes = 200;
  if (location.size() > kMaxLocationBytes) location = location.substr(0, kShownBytes);
  std::unexpected<Error> error =
      Fail(ErrorKind::kInvalidArgument, "invalid location \"{}\"", location);
  error.error().detail =
      "A location is s3://bucket/key or file:///path, without empty, \".\" or \"..\" components.";
  return error;
}

}  // namespace tarn::storage
