// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace tarn {

/// The bytes of a file of this machine; none where there is no such name. Unavailable for whatever
/// else keeps it from being read (an I/O error, a loop of links, a missing privilege): what cannot
/// be read is not taken for what is not there.
Result<std::optional<std::string>> ReadFileIfPresent(const std::string& path);

}  // namespace tarn
