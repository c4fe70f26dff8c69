// SPDX-License-Identifier: Apache-2.0
// The key index of a table as it stands.
#pragma once

#include "base/result.h"
#include "capture/apply/key_hash.h"
#include "capture/apply/key_index.h"
#include "capture/apply/table_layout.h"
#include "iceberg/commit/commit.h"
#include "table/table_context.h"

namespace tarn::capture {

/// Reads the key columns of all rows. Corruption where two rows have one key.
Result<KeyIndex> BuildIndex(const table::TableContext& context, const TableLayout& layout,
                            const iceberg::LoadedTable& table, KeyHasher hasher);

/// The same of files that the index does not know: it has their rows then, wherever it had them
/// before.
Result<> IndexNewFiles(const table::TableContext& context, const TableLayout& layout,
                       const iceberg::LoadedTable& table, KeyHasher hasher, KeyIndex& index);

/// Whether nothing came between: the head of `after` is that of `before`, or follows it.
bool FollowsAlone(const iceberg::TableMetadata& before, const iceberg::TableMetadata& after);

}  // namespace tarn::capture
