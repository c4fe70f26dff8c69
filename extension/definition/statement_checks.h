// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tarn::extension {

/// Refuses UPDATE, DELETE, MERGE, ON CONFLICT DO UPDATE and row locks (FOR UPDATE and its
/// relatives) of lake tables before they are planned or run. Called once from _PG_init, after other
/// planner hooks are installed.
void InstallStatementChecks();

/// True while PostgreSQL looks for rows that refer to a row about to go. It asks for FOR KEY SHARE,
/// and needs none here: rows of a lake table go only with all others (TRUNCATE, DROP), and these
/// wait for the reader's lock on the table.
bool IsForeignKeyCheck();

/// A lock on a row of a lake table would keep nobody out. Always ereports.
void RefuseRowLock(const char* table);

}  // namespace tarn::extension
