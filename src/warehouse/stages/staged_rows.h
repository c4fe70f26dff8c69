// SPDX-License-Identifier: Apache-2.0
// Files of a stage as rows of a query: `@stage/path (FILE_FORMAT => f, PATTERN => 're')`.
#pragma once

#include <vector>

#include "sql/bind/names.h"
#include "table/table_context.h"
#include "warehouse/session/named_rows.h"
#include "warehouse/stages/opened_stage.h"

namespace tarn::warehouse {

/// Columns $1, $2, …: as many as the widest record of CSV has; one VARIANT for JSON. Behind them
/// METADATA$FILENAME and METADATA$FILE_ROW_NUMBER. 000002 for other types of files, 100082 for a
/// value that is too large, ResourceExhausted beyond kStagedBytesMax (file_texts.h) and what
/// `tables.memory` grants.
StatementResult<MadeRows> StagedRows(const Snapshot& snapshot, const Caller& caller,
                                     const table::TableContext& tables, const OpenedStage& stage,
                                     const std::vector<sql::NamedArgument>& options);

}  // namespace tarn::warehouse
