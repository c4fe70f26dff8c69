// SPDX-License-Identifier: Apache-2.0
// A change of a query's result becomes a change of the table that keeps it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "incremental/delta.h"
#include "warehouse/dynamic/defined_table.h"
#include "warehouse/dynamic/frontier.h"
#include "warehouse/dynamic/kept_states.h"
#include "warehouse/dynamic/refresh.h"
#include "warehouse/session/session_transaction.h"

namespace tarn::warehouse {

/// The way of a refresh: from the states at which the table shows its sources to those at which
/// its definition has them pinned.
struct FrontierStep {
  const Frontier& before;
  const Frontier& after;
};

/// What brings kept groups to the state after, once the rows are committed.
struct KeptChange {
  std::vector<std::unique_ptr<engine::KeptTable>> touched;
  std::vector<std::string> statements;
};

/// The groups of the query at the state before. Empty where it has none that can be kept, or they
/// would take too much memory: then it is computed without.
StatementResult<std::unique_ptr<KeptState>> MakeKeptState(const QueryContext& context,
                                                          const DefinedTable& defined,
                                                          const FrontierStep& step);

/// Adds to the transaction what the step changes in `table`. kInternal where the table lacks a row
/// that went: it does not show what it should. Unsupported where the query is not incremental;
/// NotFound where a state of the past is gone.
StatementResult<KeptChange> ApplyDelta(const QueryContext& context, const PinnedTable& table,
                                       const DefinedTable& defined, const FrontierStep& step,
                                       const KeptState& kept, SessionTransaction& transaction,
                                       RefreshReport& report);

/// Brings the groups to the state after.
StatementResult<> ApplyKeptChange(const QueryContext& context, const KeptChange& change,
                                  const Frontier& after, KeptState& kept);

}  // namespace tarn::warehouse
