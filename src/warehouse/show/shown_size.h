// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

#include "table/table_context.h"
#include "warehouse/show/show_context.h"

namespace tarn::warehouse {

/// Rows and bytes of tables and dynamic tables by the totals of their current snapshots, for
/// ShowFacts::table_size. Absent for what has none or cannot be read. Reads a metadata file for
/// each table that is not in the cache. Both must outlive the function.
std::function<std::optional<TableSize>(const ObjectHead&)> SizesOf(
    const table::TableContext& tables, const Snapshot& snapshot);

}  // namespace tarn::warehouse
