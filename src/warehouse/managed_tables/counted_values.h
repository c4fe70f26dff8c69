// SPDX-License-Identifier: Apache-2.0
// Numbers of IDENTITY columns and of sequences that are defaults. They are taken in blocks, outside
// of any transaction: there are gaps, and none comes twice.
#pragma once

#include <cstdint>
#include <string>

#include "warehouse/metastore/metastore.h"
#include "warehouse/objects/column.h"
#include "warehouse/session/session_state.h"

namespace tarn::warehouse {

struct CountedBlock {
  int64_t first = 0;
  int64_t increment = 1;
};

/// `count` values for the column of the table. 100097 beyond 64 bits, 002003 for a sequence that is
/// gone.
StatementResult<CountedBlock> TakeCountedValues(Metastore& metastore, const SessionState& session,
                                                ObjectId table, const Column& column,
                                                int64_t count);

/// The sequence of such a default, which the caller may use, by its whole name: "D.S.Q.NEXTVAL".
StatementResult<std::string> CountedDefault(const Snapshot& snapshot, const Caller& caller,
                                            const ObjectName& sequence);

}  // namespace tarn::warehouse
