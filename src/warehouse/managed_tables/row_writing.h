// SPDX-License-Identifier: Apache-2.0
// New rows of a query become data files.
#pragma once

#include <cstdint>
#include <vector>

#include "iceberg/model/data_file.h"
#include "sql/bind/bind_change.h"
#include "warehouse/session/query.h"
#include "warehouse/session/session_transaction.h"

namespace tarn::warehouse {

struct WrittenRows {
  std::vector<iceberg::DataFile> files;
  int64_t rows = 0;
  int32_t next_ordinal = 0;
};

/// Runs an INSERT's query. The files are the transaction's writer's, and part of nothing yet.
StatementResult<WrittenRows> WriteRows(const QueryContext& context, const PinnedTable& table,
                                       const sql::BoundChange& bound,
                                       SessionTransaction& transaction);

/// 000002 for tables whose rows the warehouse does not write.
StatementResult<> CheckWritable(const PinnedTable& table);

}  // namespace tarn::warehouse
