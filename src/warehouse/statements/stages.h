// SPDX-License-Identifier: Apache-2.0
// Inside of statements/: what statements about stages give.
#pragma once

#include <optional>

#include "warehouse/show/row_set.h"
#include "warehouse/statements/actions.h"

namespace tarn::warehouse {

/// The columns of LIST, REMOVE and ALTER STAGE … REFRESH, without executing them.
std::optional<RowSet> StageColumnsOf(const sql::syntax::Statement& statement);

/// After it is dropped: its files go, those of an external one stay. What cannot be deleted now is
/// when the account is opened again.
void ForgetFilesOfStage(const StatementContext& context, ObjectId stage);

}  // namespace tarn::warehouse
