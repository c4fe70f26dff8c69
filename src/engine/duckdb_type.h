// SPDX-License-Identifier: Apache-2.0
// How Tarn's types, fields and single values look to DuckDB. Only for sources of this folder: it
// includes DuckDB.
#pragma once

#include <duckdb.hpp>
#include <duckdb/common/multi_file/multi_file_data.hpp>

#include "base/column_type.h"
#include "base/result.h"
#include "base/value.h"

namespace tarn::engine {

/// Unsupported for the types of version 3 that batches do not carry. Members of structs are named
/// by their field ids (member_names.h).
Result<duckdb::LogicalType> ToDuckdbType(const Type& type);

/// The type that DuckDB declares for a column of a file, in Tarn's terms; Unsupported where there
/// is none. Field ids, lengths of fixed and optionality are not DuckDB's to tell.
Result<Type> FromDuckdbType(const duckdb::LogicalType& type);

/// A non-nested constant, for filters. REQUIRES: a value of the type's alternative, or null.
duckdb::Value ToDuckdbValue(const Type& type, const Value& value);
/// The reverse. REQUIRES: `value` has the DuckDB type of `type`.
Value FromDuckdbValue(const Type& type, const duckdb::Value& value);

/// A field with its children as a scan matches them against files: by field id, null where absent.
Result<duckdb::MultiFileColumnDefinition> ToColumnDefinition(const Field& field,
                                                             const std::string& name);

}  // namespace tarn::engine
