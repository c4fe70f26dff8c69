// SPDX-License-Identifier: Apache-2.0
// What DuckDB calls the members of structs. It matches them by name and without regard to case,
// Iceberg by field id: so the names given to it are made of the ids. Only for sources of this
// folder: it includes DuckDB.
#pragma once

#include <duckdb.hpp>
#include <duckdb/common/multi_file/multi_file_data.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/column_type.h"

namespace tarn::engine {

/// The name of a field with an id.
std::string NameOfId(int32_t field_id);

/// One name for each member of a struct; a member without an id (below 1), or with that of an
/// earlier one, is named by its place.
std::vector<std::string> MemberNames(std::span<const int32_t> field_ids);
std::vector<std::string> MemberNames(const std::vector<Field>& fields);

/// Gives the members of all structs in columns of a file such names, in their definitions and their
/// types, and those that have no field id one that no field of a table has.
void NameMembersByFieldId(duckdb::vector<duckdb::MultiFileColumnDefinition>& columns);

}  // namespace tarn::engine
