// SPDX-License-Identifier: Apache-2.0
// Columns of tables that the warehouse writes, as Iceberg stores them (docs/internals/tables.md).
#pragma once

#include <vector>

#include "iceberg/model/schema.h"
#include "sql/bind/bind_change.h"
#include "warehouse/objects/column.h"
#include "warehouse/session/query.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// The type that holds every value of the SQL type; ids of members count on from `next_id`.
/// 000002 for types that cannot be stored.
StatementResult<Type> StoredTypeOf(const sql::DataType& type, int32_t& next_id);

/// A new table's schema; numbers the columns from 1.
StatementResult<iceberg::Schema> SchemaOfColumns(std::vector<Column>& columns);

/// A column of a table with this field, to be added: members of its type are numbered after it.
StatementResult<::tarn::Field> FieldOf(const Column& column, int32_t& next_id);

/// Whether values of the column count on by themselves: IDENTITY, or a sequence's NEXTVAL.
bool IsCounted(const Column& column);

/// What is written to the pinned table. Its defaults are bound in the session.
StatementResult<sql::ChangeTarget> TargetOf(const QueryContext& context, const PinnedTable& table);

/// The expression of a default as the metastore keeps it, bound and convertible to the type.
StatementResult<sql::bound::Expression> BindDefault(const QueryContext& context,
                                                    const std::string& text);

}  // namespace tarn::warehouse
