// SPDX-License-Identifier: Apache-2.0
// Functions that Snowflake documents and Tarn does not have, so that they are refused by name.
#pragma once

#include <string_view>

namespace tarn::sql {

/// `name` is in upper case.
bool IsUnsupportedFunction(std::string_view name);

}  // namespace tarn::sql
