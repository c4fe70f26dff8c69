// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "warehouse/metastore/snapshot.h"

namespace tarn::warehouse {

inline constexpr const char* kStreamLifeParameter = "MAX_DATA_EXTENSION_TIME_IN_DAYS";
inline constexpr int64_t kStreamLifeDaysDefault = 14;

/// For how long a stream on a table can be read after it was consumed: the longer one of the
/// table's retention and MAX_DATA_EXTENSION_TIME_IN_DAYS (Snowflake, "Data retention period and
/// staleness").
Result<int64_t> StreamLifeMs(const Snapshot& snapshot, ObjectId table);

}  // namespace tarn::warehouse
