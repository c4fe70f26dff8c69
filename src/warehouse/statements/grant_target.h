// SPDX-License-Identifier: Apache-2.0
// Inside of statements/: what GRANT, REVOKE and SHOW GRANTS are about.
#pragma once

#include "warehouse/catalogue/grant.h"
#include "warehouse/statements/execute.h"

namespace tarn::warehouse {

/// Of SHOW [FUTURE] GRANTS ON | IN.
StatementResult<GrantTarget> ShownGrantTarget(const sql::syntax::ShowScope& scope,
                                              const ObjectName& name, bool future);

}  // namespace tarn::warehouse
