// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "warehouse/objects/column.h"
#include "warehouse/session/query.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// What rows that are there show of a column with a default that is added to them: the default's
/// value now, as a field's initial-default (Iceberg specification, "Default values"), so that no
/// file is written anew. Absent: NULL. 000002 for defaults that count or differ from row to row,
/// and for types of several values. REQUIRES: the column has a default.
StatementResult<std::optional<std::string>> FillingDefault(const QueryContext& context,
                                                           const Column& column,
                                                           const Type& stored);

}  // namespace tarn::warehouse
