// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "boundary/postgres_headers.h"

extern "C" {
#include <commands/vacuum.h>
}

namespace tarn::extension {

/// VACUUM's part in compaction: rewrites what is worth it at once, in VACUUM's own transaction, and
/// tells about it where that was asked for. Autovacuum leaves it to the compaction worker. May
/// ereport.
void RewriteByVacuum(Relation relation, const VacuumParams* params);

}  // namespace tarn::extension
