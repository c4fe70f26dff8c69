// SPDX-License-Identifier: Apache-2.0
// What a stream shows: what its source lost and got since the stream's offset.
#pragma once

#include "warehouse/metastore/snapshot.h"
#include "warehouse/objects/stream.h"
#include "warehouse/session/named_rows.h"
#include "warehouse/stages/opened_stage.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// SYSTEM$STREAM_HAS_DATA: never false where there are changes. 091903 (42601) for a stream whose
/// source is gone.
StatementResult<bool> HasChanges(const Snapshot& snapshot, const ObjectHead& head,
                                 const Stream& stream);

/// The rows of a stream on a stage: the columns of its directory table, METADATA$ACTION,
/// METADATA$ISUPDATE, METADATA$ROW_ID. Reading them moves nothing.
StatementResult<MadeRows> StageStreamRows(const Snapshot& snapshot, const Caller& caller,
                                          const ObjectHead& head, const Stream& stream,
                                          std::string_view stages_location);

}  // namespace tarn::warehouse
