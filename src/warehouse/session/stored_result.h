// SPDX-License-Identifier: Apache-2.0
// Results that a block keeps: of RESULTSETs, cursors, and what it returns.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/batch.h"
#include "sql/bound/expression.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// All rows of a result, encoded. A plain value.
struct StoredResult {
  std::vector<ResultColumn> columns;
  std::vector<std::vector<uint8_t>> batches;
  StatementSummary summary;
  int64_t rows = 0;
};

inline constexpr int64_t kStoredBytesMax = int64_t{256} << 20;

/// Reads the stream to its end. ResourceExhausted beyond kStoredBytesMax.
StatementResult<StoredResult> Store(ResultStream& stream);

/// Times of more than six digits travel in another form than queries hold them in.
bool HasTravelForm(const ResultColumn& column);
/// Of a value in that form, which is not null: microseconds, as queries hold it.
int64_t MicrosecondsAt(const ResultColumn& column, const ColumnView& view, int64_t row);

/// Row `row` of the column as a constant. 000002 for types that are held in nested columns.
StatementResult<sql::bound::Expression> ValueAt(const ResultColumn& column, const ColumnView& view,
                                                int64_t row);

/// Every row in order, as constants, until `visit` says false.
StatementResult<> ForEachRow(
    const StoredResult& stored,
    const std::function<StatementResult<bool>(std::vector<sql::bound::Expression>)>& visit);

/// The rows again, for a client.
std::unique_ptr<ResultStream> StreamOf(std::shared_ptr<const StoredResult> stored);

}  // namespace tarn::warehouse
