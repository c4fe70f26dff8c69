// SPDX-License-Identifier: Apache-2.0
// Which objects need which.
#pragma once

#include <vector>

#include "warehouse/metastore/snapshot.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// Living objects that name `id` in one of their members.
Result<std::vector<ObjectHead>> UsersOf(const Snapshot& snapshot, ObjectId id);

/// Refuses where what uses the object would be left unsafe or unreadable: policies in use, volumes
/// and catalogs of tables, rules of policies (098507, 098508 for their containers).
StatementResult<> CheckNotInUse(const Snapshot& snapshot, const ObjectHead& head);

/// What RESTRICT asks: no foreign key of a table outside points into it.
StatementResult<> CheckNoDependents(const Snapshot& snapshot, const ObjectHead& head);

}  // namespace tarn::warehouse
