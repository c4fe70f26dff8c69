// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

#include "table/table_context.h"
#include "warehouse/show/show_context.h"

namespace tarn::warehouse {

/// Rows and bytes of the current snapshots of tables and dynamic tables, for ShowFacts::table_size.
/// Rows are counted from manifests, minus those of deletes where each is for a data file of its
/// own; absent where only reading the rows could tell (equality deletes, and deletes that may
/// meet). Bytes are those of all files, absent where the snapshot does not say. Nothing for what
/// has no snapshots or cannot be read. Reads a metadata file and a manifest list for each table,
/// unless they are in the cache. Both must outlive the function.
std::function<std::optional<TableSize>(const ObjectHead&)> SizesOf(
    const table::TableContext& tables, const Snapshot& snapshot);

}  // namespace tarn::warehouse
