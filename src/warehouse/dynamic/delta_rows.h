// SPDX-License-Identifier: Apache-2.0
// A change of a query's result becomes a change of the table that keeps it.
#pragma once

#include "incremental/delta.h"
#include "warehouse/dynamic/defined_table.h"
#include "warehouse/dynamic/frontier.h"
#include "warehouse/dynamic/refresh.h"
#include "warehouse/session/session_transaction.h"

namespace tarn::warehouse {

/// Adds to the transaction what brings `table`, which shows the sources at `before`, to the states
/// at which `defined` has them pinned. kInternal where the table lacks a row that went: it does not
/// show what it should. Unsupported where the query is not incremental; NotFound where a state at
/// `before` is gone.
StatementResult<> ApplyDelta(const QueryContext& context, const PinnedTable& table,
                             const DefinedTable& defined, const Frontier& before,
                             const Frontier& after, SessionTransaction& transaction,
                             RefreshReport& report);

}  // namespace tarn::warehouse
