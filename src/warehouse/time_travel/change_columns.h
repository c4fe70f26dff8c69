// SPDX-License-Identifier: Apache-2.0
// METADATA$ACTION, METADATA$ISUPDATE and METADATA$ROW_ID (Snowflake, "Introduction to streams"),
// and what is read for them.
#pragma once

#include <vector>

#include "engine/query.h"
#include "sql/bind/names.h"
#include "table/table_context.h"
#include "warehouse/session/query_names.h"

namespace tarn::warehouse {

/// Behind the columns of a table whose changes are read.
void AppendChangeColumns(std::vector<sql::NamedColumn>& columns);

/// What the engine reads of a pinned table of the past: of one with `version` or `changes`.
/// `columns` are those of its NamedTable. Files outside of the table's area are refused before they
/// are read.
StatementResult<engine::QueryTable> PlanPast(const table::TableContext& tables,
                                             const PinnedTable& pinned,
                                             const std::vector<sql::NamedColumn>& columns);

}  // namespace tarn::warehouse
