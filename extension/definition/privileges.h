// SPDX-License-Identifier: Apache-2.0
// Who may place tables in the lake. Writing to a table that is there takes the table's own
// privileges; making one puts files where PostgreSQL's privileges do not reach. C-like: no C++
// objects, everything may ereport.
#pragma once

#include "boundary/postgres_headers.h"

extern "C" {
#include <nodes/nodes.h>
}

namespace tarn::extension {

/// True for superusers and members of the role lake_write (lake_read_write is one).
bool MayPlaceTables(Oid role);

/// What refusals tell to do.
inline constexpr char kPlaceTablesHint[] =
    "GRANT lake_write (or lake_read_write) to the role, as a superuser or with the admin option.";

/// Before a relation becomes a lake table of the current role's.
void CheckMayPlaceTable(const char* table);

/// CREATE ROLE and ALTER ROLE ... RENAME: these names are the extension's, or whoever may make
/// roles could grant himself what they stand for.
void CheckRoleName(Node* statement);

}  // namespace tarn::extension
