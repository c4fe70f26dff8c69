// SPDX-License-Identifier: Apache-2.0
// Metadata columns of a scan of files. Only for sources of this folder: it includes DuckDB.
#pragma once

#include <duckdb.hpp>
#include <duckdb/common/multi_file/multi_file_data.hpp>

#include <vector>

#include "base/column_type.h"
#include "base/result.h"

namespace tarn::engine {

bool IsMetadataColumn(FieldId id);

/// What a scan of files must have for the columns to be computed. Unsupported for _deleted;
/// InvalidArgument for a column of another type than the specification's.
Result<duckdb::vector<duckdb::MultiFileColumnDefinition>> MetadataSources(
    const std::vector<Field>& columns);

/// `source` with the columns added, each under its ColumnName.
duckdb::unique_ptr<duckdb::TableRef> WithMetadataColumns(
    duckdb::unique_ptr<duckdb::TableRef> source, const std::vector<Field>& columns);

}  // namespace tarn::engine
