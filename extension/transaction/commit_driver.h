// SPDX-License-Identifier: Apache-2.0
// The commit of docs/internals/commit-protocol.md, as the backend drives it. Called from the
// transaction callbacks.
#pragma once

namespace tarn::extension {

/// Publishes in this transaction what it did to lake tables: data files, metadata, pointer rows.
/// `prepares`: it will be committed by COMMIT PREPARED, and notifies nobody.
/// Throws; the transaction then aborts. REQUIRES: XACT_EVENT_PRE_COMMIT or XACT_EVENT_PRE_PREPARE.
void CommitLakeTables(bool prepares);

/// Throws if the transaction has adopted a table: what it does outside the database cannot wait for
/// COMMIT PREPARED. REQUIRES: XACT_EVENT_PRE_PREPARE.
void RefusePreparedAdoption();

}  // namespace tarn::extension
