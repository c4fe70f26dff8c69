// SPDX-License-Identifier: Apache-2.0
// What keeps the snapshots at offsets of streams readable: pins of their tables (table/pins.h),
// with leases for as long as a stream may stay unconsumed.
#pragma once

#include "warehouse/session/account.h"
#include "warehouse/statement_error.h"
#include "warehouse/streams/stream_read.h"

namespace tarn::warehouse {

/// Before the offset is stored: the snapshot of `stream`'s offset in `source` is held until then.
/// The pin of an earlier offset stays beside it. Does nothing for a table without a snapshot, or
/// one that others write and keep. A stream that is dropped leaves its pin until the lease is over.
StatementResult<> PinOffset(Account& account, ObjectId id, const Stream& stream,
                            const iceberg::LoadedTable& source, int64_t lease_ms);

/// Once the stream stands elsewhere; failures are logged: the lease ends by itself.
void UnpinOffset(Account& account, ObjectId id, const Stream& stream,
                 const iceberg::LoadedTable& source);

/// When an account is opened: pins that a crash kept from being made.
Result<> RepairStreamPins(Account& account);

}  // namespace tarn::warehouse
