// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tarn::extension {

/// Refuses UPDATE, DELETE, MERGE, ON CONFLICT DO UPDATE and row locks (FOR UPDATE and its
/// relatives) of lake tables before they are planned or run. Called once from _PG_init, after other
/// planner hooks are installed.
void InstallStatementChecks();

/// A lock on a row of a lake table would keep nobody out. Always ereports.
void RefuseRowLock(const char* table);

}  // namespace tarn::extension
