// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "iceberg/model/schema.h"
#include "warehouse/objects/column.h"

namespace tarn::rest {

/// The columns that SQL shows of a table with this schema, in its order. Names are in upper case,
/// as SQL's unquoted names are; two that would become one stay as they are. What SQL has no type
/// for is not among them.
std::vector<warehouse::Column> ColumnsOf(const iceberg::Schema& schema);

/// The same after a schema became another: what SQL alone knows of a column (the length of its
/// text, its default, …) stays as long as its field does.
std::vector<warehouse::Column> ColumnsAfter(const std::vector<warehouse::Column>& columns,
                                            const iceberg::Schema& before,
                                            const iceberg::Schema& after);

}  // namespace tarn::rest
