// SPDX-License-Identifier: Apache-2.0
// Where PostgreSQL's dates and times and Iceberg's differ.
#pragma once

#include "boundary/postgres_headers.h"

extern "C" {
#include <datatype/timestamp.h>
}

#include <cstdint>
#include <limits>

namespace tarn::extension {

/// From 1970-01-01 to PostgreSQL's epoch, 2000-01-01.
inline constexpr int32_t kPostgresEpochDays = POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE;
inline constexpr int64_t kPostgresEpochMicros = int64_t{kPostgresEpochDays} * USECS_PER_DAY;

/// The last microsecond, from PostgreSQL's epoch, that 64 bits hold from 1970. One less than the
/// largest number, which engines take for infinity.
inline constexpr int64_t kLastTimestamp =
    std::numeric_limits<int64_t>::max() - 1 - kPostgresEpochMicros;

}  // namespace tarn::extension
