// SPDX-License-Identifier: Apache-2.0
// Columns of tables whose metadata others write (Snowflake, "Apache Iceberg tables: Data types").
#pragma once

#include <vector>

#include "base/result.h"
#include "iceberg/model/schema.h"
#include "warehouse/objects/column.h"

namespace tarn::warehouse {

/// The SQL type as which a field's values are shown. Unsupported for what SQL has no type for.
Result<sql::DataType> ShownTypeOf(const Type& type);

/// In the schema's order. Names are in upper case, as unquoted names of SQL are; names that would
/// then be one stay as they are. Unsupported, naming the column, for types without one in SQL.
Result<std::vector<Column>> ColumnsOfSchema(const iceberg::Schema& schema);

}  // namespace tarn::warehouse
