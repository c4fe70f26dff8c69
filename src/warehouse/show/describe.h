// SPDX-License-Identifier: Apache-2.0
// DESCRIBE of any kind, with Snowflake's columns and properties in its order.
#pragma once

#include "warehouse/catalogue/caller.h"
#include "warehouse/show/row_set.h"
#include "warehouse/show/show_context.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// Tables, views and dynamic tables stand for each other here, as do storage and catalog
/// integrations. DoesNotExist where the caller has no privilege on it.
StatementResult<RowSet> Describe(const Snapshot& snapshot, const Caller& caller, ObjectKind kind,
                                 const ObjectName& name, const ShowFacts& facts = {});

/// DESCRIBE RESULT: the columns of a result, as DESCRIBE TABLE tells those of a table.
RowSet DescribeResult(const std::vector<Column>& columns);

}  // namespace tarn::warehouse
