// SPDX-License-Identifier: Apache-2.0
// The two kinds of answers: rows of a query, and what a statement did or showed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "warehouse/session/statement_run.h"
#include "warehouse/show/row_set.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// What a statement other than a query gives.
struct StatementOutcome {
  std::string status;
  std::vector<RowCount> counts;
  std::optional<RowSet> rows;
  /// Set: the answer of another statement, which is given as it is.
  std::shared_ptr<ResultStream> stream = nullptr;
  std::shared_ptr<const FileTransfer> transfer = nullptr;  ///< what is to be done now
};

std::vector<ResultColumn> ResultColumnsOf(const RowSet& rows);

std::unique_ptr<ResultStream> MakeQueryResult(std::string command,
                                              std::vector<ResultColumn> columns,
                                              std::unique_ptr<engine::QueryStream> stream,
                                              std::shared_ptr<StatementRun> run);
std::unique_ptr<ResultStream> MakeOutcomeResult(std::string command, StatementOutcome outcome);

}  // namespace tarn::warehouse
