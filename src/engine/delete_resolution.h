// SPDX-License-Identifier: Apache-2.0
// Position delete files and equality deletes as deleted positions. Only for sources of this folder:
// it includes DuckDB.
#pragma once

#include <duckdb.hpp>

#include <memory>
#include <vector>

#include "base/result.h"
#include "engine/delete_store.h"
#include "engine/file_scan.h"
#include "iceberg/plan/scan_plan.h"

namespace tarn::engine {

/// Fills FileScan::File::deleted of files of the plan, from the store where it knows them. An
/// equality delete is a join of the data files' key columns, which nothing else in the query sees,
/// with the rows of the delete files; its result does not depend on what the scan asks for. Runs
/// queries on the connection, which may be interrupted.
Result<> ResolveDeletes(duckdb::ClientContext& context, DeleteStore& store,
                        const iceberg::ScanPlan& plan,
                        const std::shared_ptr<const iceberg::NameMapping>& names,
                        const std::vector<FileScan::File*>& files);

}  // namespace tarn::engine
