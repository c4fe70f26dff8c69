// SPDX-License-Identifier: Apache-2.0
// CAPTURE_SOURCES and CAPTURE_TABLES: how far captures are behind, at this moment. They are our
// own; the connector of Snowflake has nothing of the kind.
#pragma once

#include <vector>

#include "warehouse/connector/capture_board.h"
#include "warehouse/metastore/snapshot.h"
#include "warehouse/session/named_rows.h"

namespace tarn::warehouse {

std::vector<MadeColumn> CaptureSourcesColumns();
Result<std::vector<std::vector<Value>>> CaptureSourcesRows(const Snapshot& snapshot,
                                                           ObjectId application,
                                                           const CaptureStatuses& live);

std::vector<MadeColumn> CaptureTablesColumns();
/// Also of tables that nobody captures now: by what was last known of them.
Result<std::vector<std::vector<Value>>> CaptureTablesRows(const Snapshot& snapshot,
                                                          ObjectId application,
                                                          const CaptureStatuses& live);

}  // namespace tarn::warehouse
