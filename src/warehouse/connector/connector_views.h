// SPDX-License-Identifier: Apache-2.0
// The views of the connector's schema PUBLIC (Snowflake, "Monitoring the Snowflake Connector for
// PostgreSQL"). They are objects of the metastore as other views are; their rows are made here.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "warehouse/connector/capture_board.h"
#include "warehouse/metastore/snapshot.h"
#include "warehouse/objects/column.h"
#include "warehouse/session/named_rows.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

struct ConnectorView {
  std::string_view name;
  bool for_viewers = false;  ///< the application role VIEWER may read it; ADMIN may read all
  std::vector<MadeColumn> (*columns)() = nullptr;
  Result<std::vector<std::vector<Value>>> (*rows)(const Snapshot& snapshot,
                                                  ObjectId application) = nullptr;
  /// Of a view that tells of the moment, in place of `rows`.
  Result<std::vector<std::vector<Value>>> (*live_rows)(const Snapshot& snapshot,
                                                       ObjectId application,
                                                       const CaptureStatuses& live) = nullptr;
};
std::span<const ConnectorView> ConnectorViews();

/// What the view shows of the application; `captures`: of the account. NoSuchObject for a name that
/// is none of the above.
StatementResult<MadeRows> ConnectorViewRows(const Snapshot& snapshot, ObjectId application,
                                            std::string_view name, const CaptureBoard* captures);

}  // namespace tarn::warehouse
