// SPDX-License-Identifier: Apache-2.0
// Changes of a table for whoever sums weights of equal rows himself.
#pragma once

#include <vector>

#include "engine/query.h"
#include "sql/bind/names.h"
#include "table/table_context.h"
#include "warehouse/session/query_names.h"

namespace tarn::warehouse {

/// As PlanPast of one with `changes` (change_columns.h), but that rows are compared by the given
/// columns alone, and only those are read.
StatementResult<engine::QueryTable> PlanNarrowChanges(const table::TableContext& tables,
                                                      const PinnedTable& pinned,
                                                      const std::vector<sql::NamedColumn>& columns);

}  // namespace tarn::warehouse
