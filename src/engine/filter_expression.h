// SPDX-License-Identifier: Apache-2.0
// Filters as DuckDB expressions. Only for sources of this folder: it includes DuckDB.
#pragma once

#include <duckdb.hpp>

#include <string>

#include "base/filter.h"
#include "base/result.h"

namespace tarn::engine {

/// The name under which a query knows a field: names of columns may differ by case alone, which
/// DuckDB can't tell.
std::string ColumnName(FieldId id);

/// The filter with the meaning that base/filter.h gives it; a value of null compares to null.
/// Unsupported for nested columns.
Result<duckdb::unique_ptr<duckdb::ParsedExpression>> ToExpression(const Filter& filter);

}  // namespace tarn::engine
