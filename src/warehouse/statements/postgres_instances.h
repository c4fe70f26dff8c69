// SPDX-License-Identifier: Apache-2.0
// Inside of statements/: what others ask of POSTGRES INSTANCE.
#pragma once

#include <vector>

#include "warehouse/show/row_set.h"
#include "warehouse/statements/execute.h"

namespace tarn::warehouse {

/// Of CREATE and of RESET ACCESS, which give rows; null: another statement.
const std::vector<ShownColumn>* InstanceColumns(const sql::syntax::Statement& statement);

/// Before the object goes: its server is removed, which is finished later if this process ends.
/// Nothing happens where there is no such object.
/// Its name, "" where there is none: the object itself may have gone with the server.
StatementResult<std::string> PrepareToDropInstance(StatementContext& context,
                                                   const ObjectName& name);

}  // namespace tarn::warehouse
