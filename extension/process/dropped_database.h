// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tarn::extension {

/// Before DROP DATABASE: journals the lake tables of the database as dropped by this transaction,
/// so that their files go when it commits. Only a session of that database can read which they are:
/// a background worker does, and this waits for it. Where that fails, a WARNING: the database goes,
/// its files stay. May ereport.
void JournalDroppedDatabase(const char* name);

/// The worker's life.
void DroppedDatabaseMain(unsigned long database_oid);

}  // namespace tarn::extension
