// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/result.h"

namespace tarn::storage {

/// What a failed system call on an object means to the caller: "could not <action> "<location>":
/// <reason>".
std::unexpected<Error> OsFailure(int error_number, std::string_view action,
                                 std::string_view location);

}  // namespace tarn::storage
