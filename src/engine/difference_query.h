// SPDX-License-Identifier: Apache-2.0
// The difference of two sets of rows as a DuckDB query. Only for sources of this folder: it
// includes DuckDB.
#pragma once

#include "base/result.h"
#include "engine/query.h"
#include "engine/scan_query.h"

namespace tarn::engine {

/// As Engine::OpenDifference. One query, or none where there are no rows at all.
Result<ScanQueries> BuildDifference(DifferenceRequest request);

/// As a table of a query, with a last column that is null.
Result<ScanQueries> BuildDifferenceTable(QueryDifference difference);

}  // namespace tarn::engine
