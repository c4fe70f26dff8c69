// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "iceberg/model/table_metadata.h"

namespace tarn::table {

/// The table's default sort order as an order of its columns; none where it is unsorted. A
/// transform that keeps order stands for its column if nothing follows it: rows in order of their
/// times are in order of their days. Unsupported for others, and for fields of structs.
Result<std::vector<engine::SortKey>> DefaultSortKeys(const iceberg::TableMetadata& table);

}  // namespace tarn::table
