// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/strong_id.h"

namespace tarn::capture {

/// A position in a server's write-ahead log (PostgreSQL, "pg_lsn Type"). 0 is before everything.
using Lsn = StrongId<uint64_t, struct LsnTag>;

/// "16/B374D848", as PostgreSQL writes it.
std::string ToString(Lsn lsn);
/// Absent for anything else.
std::optional<Lsn> ParseLsn(std::string_view text);

}  // namespace tarn::capture
