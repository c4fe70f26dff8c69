// SPDX-License-Identifier: Apache-2.0
// The difference between two schemas as statements of PostgreSQL.
#pragma once

#include "boundary/postgres_headers.h"

#include <string>
#include <vector>

#include "base/column_type.h"

namespace tarn::extension {

/// ALTER TABLE and COMMENT statements, in an order in which they work, that make the table's
/// columns those of `after` where they were those of `before`, by field id. The order of columns
/// has no statement. Throws for types and defaults that PostgreSQL lacks.
std::vector<std::string> ColumnStatements(Oid table, const std::vector<Field>& before,
                                          const std::vector<Field>& after);

}  // namespace tarn::extension
