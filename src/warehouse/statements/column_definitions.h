// SPDX-License-Identifier: Apache-2.0
// Columns and constraints of CREATE TABLE and ALTER TABLE, as the metastore keeps them.
#pragma once

#include <vector>

#include "sql/syntax/statement_table.h"
#include "warehouse/objects/column.h"
#include "warehouse/statements/execute.h"

namespace tarn::warehouse {

/// What is written of a table's columns.
struct WrittenColumns {
  std::vector<Column> columns;
  std::vector<Constraint> constraints;
};

/// 000002, by name, for what columns of tables do not have here; 002040 for unknown types; what is
/// wrong with a default. `types`: of the columns of CTAS, for those that name none; empty: each has
/// its own. `iceberg`: timestamps that say nothing have six digits.
StatementResult<WrittenColumns> ReadColumns(
    const StatementContext& context, const std::vector<sql::syntax::ColumnDefinition>& definitions,
    const std::vector<sql::DataType>& types, bool iceberg);

/// A constraint of the table itself; its columns, and the keys that foreign keys point to, are
/// there. Columns of a primary key become NOT NULL.
StatementResult<> AddConstraint(const StatementContext& context,
                                const sql::syntax::Constraint& constraint, WrittenColumns& written);

/// The text of a default as the metastore keeps it, of a value that converts to the type.
StatementResult<std::string> DefaultText(const StatementContext& context,
                                         const sql::syntax::Expression& value,
                                         const sql::DataType& type);

}  // namespace tarn::warehouse
