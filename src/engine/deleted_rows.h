// SPDX-License-Identifier: Apache-2.0
// Deletes of a plan's files as sets of positions. Only for sources of this folder: it includes
// DuckDB.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "engine/database.h"
#include "engine/delete_store.h"
#include "iceberg/plan/scan_plan.h"

namespace tarn::engine {

/// As Engine::FindDeleted.
Result<std::vector<PositionsPtr>> FindDeletedRows(Database& database, DeleteStore& store,
                                                  const iceberg::ScanPlan& plan);

}  // namespace tarn::engine
