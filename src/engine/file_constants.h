// SPDX-License-Identifier: Apache-2.0
// Columns whose values come from metadata, not from a file. Only for sources of this folder: it
// includes DuckDB.
#pragma once

#include <duckdb.hpp>

#include <span>
#include <utility>
#include <vector>

#include "base/column_type.h"
#include "base/result.h"
#include "iceberg/plan/scan_plan.h"

namespace tarn::engine {

/// What a scan needs of each file to compute metadata columns, as columns of ids that no schema
/// gives out.
inline constexpr FieldId kFirstRowIdConstant{2147483001};
inline constexpr FieldId kSequenceConstant{2147483002};
inline constexpr FieldId kFileConstant{2147483005};
inline constexpr FieldId kSpecIdConstant{2147483006};
inline constexpr FieldId kPartitionConstant{2147483007};
/// Scopes of equality deletes.
inline constexpr FieldId kScopePartitionConstant{2147483003};
inline constexpr FieldId kScopeSequenceConstant{2147483004};

/// A metadata column of this folder alone (kBoolean): whether the file is the first that had the
/// row's id. Null in files without row ids.
inline constexpr FieldId kIsNewRow{2147483008};

using Constants = std::vector<std::pair<FieldId, duckdb::Value>>;

/// Values that the fields have in every row of a file that lacks them: those of identity partitions
/// (spec, "Column Projection") and of metadata columns. Corruption when a partition value is not of
/// its column's type.
Result<Constants> FileConstants(const iceberg::ScanFile& file, std::span<const Field> fields);

/// A default as the schema has it; null where there is none. Corruption when it is malformed.
Result<duckdb::Value> InitialDefault(const Field& field);

/// A number as it is in the column's type now: int becomes long, float double.
Value Promoted(const Type& type, Value value);

}  // namespace tarn::engine
