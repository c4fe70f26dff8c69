// SPDX-License-Identifier: Apache-2.0
// What a stream shows: what its source lost and got since the stream's offset.
#pragma once

#include "warehouse/metastore/snapshot.h"
#include "warehouse/objects/stream.h"
#include "warehouse/session/named_rows.h"
#include "warehouse/session/query_names.h"
#include "warehouse/stages/opened_stage.h"
#include "warehouse/statement_error.h"
#include "warehouse/streams/stream_read.h"

namespace tarn::warehouse {

/// SYSTEM$STREAM_HAS_DATA: never false where there are changes. 091903 (42601) for a stream whose
/// source is gone, 55000 for one that is stale.
StatementResult<bool> HasChanges(const NamingMoment& moment, const ObjectHead& head,
                                 const Stream& stream);

/// SYSTEM$STREAM_GET_TABLE_TIMESTAMP: when the state at the stream's offset was made.
StatementResult<int64_t> OffsetTimeMs(const NamingMoment& moment, const ObjectHead& head,
                                      const Stream& stream);

/// The rows of a stream on a stage: the columns of its directory table, METADATA$ACTION,
/// METADATA$ISUPDATE, METADATA$ROW_ID. Reading them moves nothing.
StatementResult<MadeRows> StageStreamRows(const Snapshot& snapshot, const Caller& caller,
                                          const ObjectHead& head, const Stream& stream,
                                          std::string_view stages_location);
/// The same stream, consumed. 40001 where an open transaction saw another state of it.
StatementResult<StreamRead> ReadStageStream(const NamingMoment& moment, const ObjectHead& head,
                                            const Stream& stream);

/// A stream on a table, up to its newest state or, in a transaction, to that at its beginning; the
/// same again in the same transaction. Failures as HasChanges.
StatementResult<StreamRead> ReadTableStream(const NamingMoment& moment, const ObjectHead& head,
                                            const Stream& stream, const PinnedTable& source);

/// kConflict (40001): it is not what the transaction saw.
StatementFailure ConsumedMeanwhile(const ObjectHead& head);

/// 091903 where the source of a stream is gone or replaced.
StatementResult<> CheckSource(const Snapshot& snapshot, const ObjectHead& head,
                              const Stream& stream);

}  // namespace tarn::warehouse
