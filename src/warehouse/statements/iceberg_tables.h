// SPDX-License-Identifier: Apache-2.0
// Inside of statements/: ICEBERG TABLE whose metadata others write.
#pragma once

#include "sql/syntax/statement_object.h"
#include "warehouse/statements/actions.h"

namespace tarn::warehouse {

/// Whether it says METADATA_FILE_PATH, or what only tables of other catalogs have.
bool IsExternalIcebergTable(const sql::syntax::CreateTable& create);
/// CREATE ICEBERG TABLE … METADATA_FILE_PATH. REQUIRES: IsExternalIcebergTable.
Outcome CreateExternalIcebergTable(StatementContext& context,
                                   const sql::syntax::CreateTable& create);

/// Absent: the action is one of any table.
std::optional<Outcome> TryAlterExternalIcebergTable(StatementContext& context,
                                                    const sql::syntax::AlterObject& alter);

}  // namespace tarn::warehouse
