// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "lake/wire.h"

namespace tarn::extension {

/// What became of a transaction, as far as PostgreSQL knows: kPrepared = still undecided. One that
/// is too old to be looked up counts as committed: then only files that no retained metadata
/// reaches are deleted.
lake::Outcome FateOf(const lake::TransactionKey& transaction, uint64_t flushed_lsn);

/// Transactions below this are over for every snapshot, slot, standby and prepared transaction of
/// every database.
uint64_t GarbageHorizon();

}  // namespace tarn::extension
