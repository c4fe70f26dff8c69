// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "boundary/postgres_headers.h"

extern "C" {
#include <nodes/nodes.h>
}

namespace tarn::extension {

/// Keeps names that begin with a prefix of ours ("tarn.", and those of pg_lake) for settings that
/// there are: others are refused wherever they are set, instead of being kept without effect.
/// Called once from _PG_init. Libraries that define settings of such a prefix may be loaded before
/// or after.
void ReserveSettingPrefixes();

/// SET, ALTER SYSTEM, ALTER DATABASE and ALTER ROLE ... SET: refuses with a hint what PostgreSQL
/// would refuse without one. May ereport.
void CheckSettingNames(Node* statement);

}  // namespace tarn::extension
