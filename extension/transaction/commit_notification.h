// SPDX-License-Identifier: Apache-2.0
// NOTIFY tarn_commit: tells listeners which lake tables a transaction changed, when it commits.
#pragma once

#include "transaction/pointer.h"

namespace tarn::extension {

/// Queues a notification of the table's new state where tarn.notify_commits asks for it: a JSON
/// object of database, schema, table, oid, snapshot_id (null without a snapshot) and
/// metadata_location. PostgreSQL sends it if the transaction commits. REQUIRES:
/// XACT_EVENT_PRE_COMMIT: PostgreSQL refuses to prepare a transaction that notifies. Throws.
void NotifyCommit(const Pointer& pointer);

}  // namespace tarn::extension
