// SPDX-License-Identifier: Apache-2.0
#include "base/location_text.h"

namespace tarn {

std::string CanonicalLocation(std::string_view location) {
  while (location.size() > 1 && location.ends_with('/')) location.remove_suffix(1);
  for (const std::string_view scheme : {"s3a://", "s3n://"}) {
    if (location.starts_with(scheme)) {
      return "s3://" + std::string(location.substr(scheme.size()));
    }
  }
  if (location.starts_with("file:/") && !location.starts_with("file://")) {
    return "file://" + std::string(location.substr(5));
  }
  return std::string(location);
}

bool IsWithinLocation(std::string_view location, std::string_view place) {
  return location.starts_with(place) &&
         (location.size() == place.size() || location[place.size()] == '/');
}

}  // namespace tarn
