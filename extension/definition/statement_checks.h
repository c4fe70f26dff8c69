// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tarn::extension {

/// Refuses UPDATE, DELETE, MERGE and ON CONFLICT DO UPDATE of lake tables before they are planned
/// or run. Called once from _PG_init, after other planner hooks are installed.
void InstallStatementChecks();

}  // namespace tarn::extension
