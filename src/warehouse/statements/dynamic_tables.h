// SPDX-License-Identifier: Apache-2.0
// Inside of statements/: DYNAMIC TABLE.
#pragma once

#include "warehouse/statements/actions.h"

namespace tarn::warehouse {

Outcome CreateDynamicTable(StatementContext& context, const sql::syntax::CreateTable& create);
Outcome AlterDynamicTable(StatementContext& context, const sql::syntax::AlterObject& alter);

}  // namespace tarn::warehouse
