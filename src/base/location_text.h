// SPDX-License-Identifier: Apache-2.0
// Locations of files as texts that are compared.
#pragma once

#include <string>
#include <string_view>

namespace tarn {

/// One spelling for one place: "file:///", "s3://", no slash at the end. Only to be compared.
std::string CanonicalLocation(std::string_view location);

/// Whether it is the place or lies in it, by whole components; both in their canonical spelling.
bool IsWithinLocation(std::string_view location, std::string_view place);

}  // namespace tarn
