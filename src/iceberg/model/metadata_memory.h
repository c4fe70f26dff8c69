// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "iceberg/model/table_metadata.h"

namespace tarn::iceberg {

/// About what a table's metadata takes in memory, for caches that are limited by bytes. Snapshots
/// that several versions of a table share count for each.
size_t MemoryBytes(const TableMetadata& metadata);

}  // namespace tarn::iceberg
