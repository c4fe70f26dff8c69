// SPDX-License-Identifier: Apache-2.0
// PostgreSQL's binary form of numeric (numeric_send, numeric_recv).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"
#include "server/postgres/message_writer.h"

namespace tarn::server::postgres {

/// Appends `value` / 10^`scale` without a length in front.
void WriteNumeric(Int128 value, int32_t scale, MessageWriter& out);

/// A numeric of any size as decimal text, "NaN", "Infinity" or "-Infinity". InvalidArgument for
/// what is none.
Result<std::string> ReadNumeric(std::string_view bytes);

}  // namespace tarn::server::postgres
