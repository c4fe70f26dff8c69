// SPDX-License-Identifier: Apache-2.0
// Whether a file has what a table says of it. Only for sources of this folder: it includes DuckDB.
#pragma once

#include <duckdb.hpp>
#include <duckdb/common/multi_file/multi_file_data.hpp>

#include <string>

namespace tarn::engine {

/// Throws (ThrowError, Corruption) if a column of the file, at any depth, has the id of a wanted
/// one and a type whose values are not the wanted type's, to the last digit: DuckDB would cast, or
/// give null where it can't. Columns that the file lacks are no fault.
void RequireFittingColumns(const duckdb::vector<duckdb::MultiFileColumnDefinition>& wanted,
                           const duckdb::vector<duckdb::MultiFileColumnDefinition>& found,
                           const std::string& file);

}  // namespace tarn::engine
