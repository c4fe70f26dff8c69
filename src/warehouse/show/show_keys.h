// SPDX-License-Identifier: Apache-2.0
// SHOW PRIMARY, UNIQUE, IMPORTED and EXPORTED KEYS and INDEXES, with the columns that Snowflake's
// drivers read.
#pragma once

#include <optional>

#include "warehouse/catalogue/caller.h"
#include "warehouse/objects/object.h"
#include "warehouse/objects/table.h"
#include "warehouse/show/list_filter.h"
#include "warehouse/show/row_set.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

class Snapshot;

enum class ShownKeys : uint8_t {
  kPrimary,
  kUnique,
  kImported,  ///< foreign keys of the tables
  kExported,  ///< foreign keys that point to the tables
};

/// A row for each column of each key of `table`, or else of the tables of the filter's scope, as
/// far as the caller sees them. Keys without a name have one that begins with SYS_CONSTRAINT_.
/// Foreign keys to tables that the caller may not know of are left out. DoesNotExist for the table
/// or the place.
StatementResult<RowSet> ShowKeys(const Snapshot& snapshot, const Caller& caller, ShownKeys kind,
                                 const ListFilter& filter, const std::optional<ObjectName>& table);

/// Of the key at place `at` of the table's constraints, as it is shown.
std::string NameOfKey(const Object<Table>& table, size_t at);
/// Of the key of `target` that a foreign key points to: that of the same columns, or the primary
/// one; "" where there is none.
std::string NameOfTarget(const Object<Table>& target, const Constraint& foreign);

/// SHOW INDEXES: no rows, since only hybrid tables have indexes, which there are none of. Fails as
/// ShowKeys does.
StatementResult<RowSet> ShowIndexes(const Snapshot& snapshot, const Caller& caller,
                                    const ListFilter& filter,
                                    const std::optional<ObjectName>& table);

}  // namespace tarn::warehouse
