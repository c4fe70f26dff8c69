// SPDX-License-Identifier: Apache-2.0
#include "storage/local_place.h"

#include <algorithm>
#include <optional>

#include "storage/bucket_location.h"

namespace tarn::storage {
namespace {

constexpr std::string_view kFile = "file://";
constexpr std::string_view kFileOfJava = "file:/";

/// The absolute path, if the location is one of a file.
std::optional<std::string_view> LocalPath(std::string_view location) {
  if (location.starts_with(kFile)) {
    location.remove_prefix(kFile.size());
  } else if (location.starts_with(kFileOfJava)) {
    location.remove_prefix(kFileOfJava.size() - 1);
  } else {
    return std::nullopt;
  }
  return location.starts_with('/') ? std::optional(location) : std::nullopt;
}

/// An absolute directory without its trailing slashes; InvalidArgument otherwise.
Result<std::string> Directory(std::string_view path, std::string_view described) {
  while (path.ends_with('/')) path.remove_suffix(1);
  if (!path.starts_with('/') || !AreComponents(path.substr(1))) {
    return Fail(ErrorKind::kInvalidArgument, "\"{}\" is not an absolute directory", described);
  }
  return std::string(path);
}

}  // namespace

std::string_view LocalPlace::parent() const {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string_view() : std::string_view(path).substr(0, slash);
}

std::string_view LocalPlace::name() const {
  return std::string_view(path).substr(path.rfind('/') + 1);
}

Result<LocalPlaces> LocalPlaces::Make(const LocalStorageOptions& options) {
  LocalPlaces places;
  if (!options.buckets_directory.empty()) {
    TARN_ASSIGN(places.buckets_directory_,
                Directory(options.buckets_directory, options.buckets_directory));
  }
  for (const std::string& prefix : options.allowed_prefixes) {
    if (!prefix.starts_with(kFile)) {
      return Fail(ErrorKind::kInvalidArgument,
                  "allowed location \"{}\" does not start with file:///", prefix);
    }
    TARN_ASSIGN(std::string root, Directory(std::string_view(prefix).substr(kFile.size()), prefix));
    places.roots_.push_back(std::move(root));
  }
  // Where prefixes contain each other, the outer one is the root: links between them stay allowed.
  std::ranges::sort(places.roots_, {}, &std::string::size);
  return places;
}

Result<LocalPlace> LocalPlaces::Split(std::string_view location) const {
  if (location.size() > kMaxLocationBytes) return MalformedLocation(location);
  if (const auto place = InBucket(location)) {
    if (buckets_directory_.empty()) {
      return Fail(ErrorKind::kPermissionDenied,
                  "location \"{}\" is not allowed: there are no buckets", location);
    }
    return LocalPlace{buckets_directory_, std::string(place->bucket), std::string(place->key)};
  }
  const auto path = LocalPath(location);
  if (!path) return MalformedLocation(location);
  for (const std::string& root : roots_) {
    if (path->starts_with(root) && path->size() > root.size() && (*path)[root.size()] == '/') {
      return LocalPlace{root, "", std::string(path->substr(root.size() + 1))};
    }
  }
  std::unexpected<Error> error = Fail(ErrorKind::kPermissionDenied,
                                      "location \"{}\" is outside the allowed locations", location);
  error.error().hint = "Start the instance with --allow-location for further locations.";
  return error;
}

Result<LocalPlace> LocalPlaces::Find(std::string_view location) const {
  TARN_ASSIGN(LocalPlace place, Split(location));
  if (!AreComponents(place.path)) return MalformedLocation(location);
  return place;
}

Result<LocalPlace> LocalPlaces::FindPrefix(std::string_view prefix) const {
  TARN_ASSIGN(LocalPlace place, Split(prefix));
  if (!place.parent().empty() && !AreComponents(place.parent())) return MalformedLocation(prefix);
  if (place.path.starts_with('/') || place.name().find('\0') != std::string_view::npos) {
    return MalformedLocation(prefix);
  }
  return place;
}

}  // namespace tarn::storage
