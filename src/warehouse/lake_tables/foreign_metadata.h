// SPDX-License-Identifier: Apache-2.0
// Metadata files that other writers of a lake make: reading them through an area, which of them is
// newest, and keeping what is shown of them readable.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "iceberg/commit/commit.h"
#include "iceberg/plan/scan_plan.h"
#include "table/table_context.h"
#include "warehouse/statement_error.h"
#include "warehouse/volumes/storage_area.h"

namespace tarn::warehouse {

/// The metadata file, checked: it, the table and the manifests of the current snapshot lie in the
/// area. 091003-like failures name the path; PermissionDenied for what lies elsewhere.
StatementResult<iceberg::LoadedTable> LoadForeignTable(const table::TableContext& context,
                                                       const StorageArea& area,
                                                       const std::string& location);

/// PermissionDenied, naming it, for a manifest list or a manifest of the snapshot outside of the
/// area: before anything of it is read.
StatementResult<> CheckSnapshotFiles(const table::TableContext& context, const StorageArea& area,
                                     const iceberg::Snapshot& snapshot);

/// PermissionDenied, naming it, for a file of the plan outside of the area.
StatementResult<> CheckPlannedFiles(const StorageArea& area, const iceberg::ScanPlan& plan);

/// Which of two states of one table its writers made later.
bool IsOlder(const iceberg::TableMetadata& one, const iceberg::TableMetadata& other);

/// "…/metadata/00012-….metadata.json" → 12; absent where the name has no such number.
std::optional<int64_t> VersionInName(std::string_view location);
bool IsMetadataFile(std::string_view location);

/// A metadata file and the file's own time.
struct FoundMetadata {
  iceberg::LoadedTable table;
  int64_t modified_ms = 0;
};

/// The newest metadata file beside `location`: by the version in its name, then by its time; where
/// these do not tell, by what it says. Absent: there is none. Files that cannot be read, are of
/// another table, or are younger than that time, are passed over.
StatementResult<std::optional<FoundMetadata>> NewestBeside(
    const table::TableContext& context, const StorageArea& area, const std::string& location,
    const Uuid& table_uuid, int64_t not_after_ms = std::numeric_limits<int64_t>::max());

/// Whether a PostgreSQL server or another writer of the product commits to the table.
Result<bool> IsOwned(storage::Storage& storage, const std::string& table_location);

/// Keeps the snapshot that a table shows from being collected by the product's own writers, until
/// then. Does nothing where the location is no table of theirs, or there is no snapshot. NotFound
/// (091003) where the snapshot has gone already.
StatementResult<> PinShown(const table::TableContext& context, const StorageArea& area,
                           ObjectId table, const iceberg::LoadedTable& shown, int64_t until_ms);
Result<> Unpin(const table::TableContext& context, ObjectId table,
               const iceberg::LoadedTable& shown);

/// While a table is shown; renewed at half of it. What was pinned for a table that is gone ends by
/// itself.
inline constexpr int64_t kPinLeaseMs = int64_t{7} * 24 * 60 * 60 * 1000;
/// Of what was shown until now: statements may still read it.
inline constexpr int64_t kPinRestMs = int64_t{60} * 60 * 1000;

}  // namespace tarn::warehouse
