// SPDX-License-Identifier: Apache-2.0
// Inside of statements/: what COPY INTO gives.
#pragma once

#include "warehouse/show/row_set.h"
#include "warehouse/statements/actions.h"

namespace tarn::warehouse {

/// The columns of COPY INTO a table, without executing it.
RowSet LoadColumns();
/// Of COPY INTO a location, by its DETAILED_OUTPUT.
StatementResult<RowSet> UnloadColumnsOf(const StatementContext& context,
                                        const sql::syntax::CopyIntoLocation& copy);

}  // namespace tarn::warehouse
