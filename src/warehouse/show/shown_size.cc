// SPDX-License-Identifier: Apache-2.0
#include "warehouse/show/shown_size.h"

#include "iceberg/plan/scan_plan.h"
#include "table/table_cache.h"
#include "warehouse/metastore/table_pointers.h"

namespace tarn::warehouse {

std::function<std::optional<TableSize>(const ObjectHead&)> SizesOf(
    const table::TableContext& tables, const Snapshot& snapshot) {
  return [&tables, &snapshot](const ObjectHead& head) -> std::optional<TableSize> {
    const auto pointer = FindPointer(snapshot, head.id);
    if (!pointer || !*pointer) return std::nullopt;
    const auto loaded = tables.tables->Load((*pointer)->metadata_location);
    if (!loaded) return std::nullopt;
    const auto size = iceberg::EstimateSize({.storage = tables.storage, .cache = tables.manifests},
                                            *loaded->metadata);
    if (!size) return std::nullopt;
    return TableSize{.rows = size->rows, .bytes = size->bytes};
  };
}

}  // namespace tarn::warehouse
