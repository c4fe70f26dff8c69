// SPDX-License-Identifier: Apache-2.0
// Prefixes of locations as people set them: allowed locations, and where new tables go.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tarn {

/// The prefix with its trailing slash. InvalidArgument unless it is "s3://bucket/path" or
/// "file:///path" of sound components: none empty, "." or "..", and only characters that mean
/// themselves wherever a location is written (ASCII letters, digits, space and "_-.=+@,:~"), so no
/// escapes, quotes, wildcards or control characters. A file prefix names a directory below the
/// root.
Result<std::string> NormalizeLocationPrefix(std::string_view prefix);

}  // namespace tarn
