// SPDX-License-Identifier: Apache-2.0
// A result that was kept, as a table of a query.
#pragma once

#include <memory>

#include "warehouse/session/named_rows.h"
#include "warehouse/session/stored_result.h"

namespace tarn::warehouse {

/// Its rows; of a statement without rows its counts, or its status, in one row. A name that stands
/// twice is told apart by a number, as RESULT_SCAN documents. Values of VARIANT are those of the
/// JSON that a client was shown.
StatementResult<MadeRows> RowsOf(const std::shared_ptr<const StoredResult>& stored);

}  // namespace tarn::warehouse
