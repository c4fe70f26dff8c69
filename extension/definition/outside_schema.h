// SPDX-License-Identifier: Apache-2.0
// PostgreSQL's columns follow a schema that another writer changed.
#pragma once

#include "lake/wire_update.h"
#include "transaction/pointer.h"

namespace tarn::extension {

/// Alters the relation's columns, by field id, from those that the table had to those that it has,
/// by ALTER TABLE in the name of the current role, and sets the pointer's map of ids. Nothing is
/// done where the columns are the same. Throws: kUnsupported where the transaction has altered the
/// table itself, or has rows in it that would have to be rewritten; whatever ALTER TABLE reports.
/// REQUIRES: the relation is locked as ALTER TABLE would, `pointer` is the row before the change.
void FollowSchema(Pointer& pointer, const lake::UpdatedTable& updated);

}  // namespace tarn::extension
