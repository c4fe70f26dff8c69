// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "boundary/postgres_headers.h"

namespace tarn::extension {

/// Lets the planner read lake tables through a custom scan: only the columns that a query needs,
/// with the filters of clause_shape.h and a LIMIT evaluated by the engine. Called once from
/// _PG_init, before the settings' prefix is reserved.
void InstallCustomScan();

}  // namespace tarn::extension
