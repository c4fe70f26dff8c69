// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "warehouse/objects/principals.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// Keeps the SCRAM-SHA-256 verifier of the password and forgets it. InvalidArgument for one that is
/// empty or not ASCII.
StatementResult<> SetPassword(User& user, std::string_view password, int64_t now_ms);

}  // namespace tarn::warehouse
