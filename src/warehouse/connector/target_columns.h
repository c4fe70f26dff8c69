// SPDX-License-Identifier: Apache-2.0
// Columns of tables that are replicated to, as SQL declares them and as files have them.
#pragma once

#include <vector>

#include "base/column_type.h"
#include "base/result.h"
#include "capture/destination.h"
#include "iceberg/model/table_metadata.h"
#include "sql/data_type.h"
#include "warehouse/objects/column.h"
#include "warehouse/objects/table.h"

namespace tarn::warehouse {

/// As SQL declares it: DESCRIBE's type.
sql::DataType SqlTypeOf(const capture::TargetType& type);

std::vector<Column> ColumnsFor(const std::vector<capture::TargetColumn>& targets);

/// Where a mirror stores a number in the source's own type, and not in the one that SQL's has
/// elsewhere: that.
void StoreAsSource(const capture::TargetType& type, Type& stored);

/// The table's columns and its files' after an alteration.
struct AlteredTable {
  Table definition;
  std::vector<::tarn::Field> fields;
};

/// NotFound for a column that is not there; InvalidArgument where two would have one name.
Result<AlteredTable> ApplyAlteration(const Table& before, const iceberg::TableMetadata& metadata,
                                     const capture::Destination::Alteration& alteration);

}  // namespace tarn::warehouse
