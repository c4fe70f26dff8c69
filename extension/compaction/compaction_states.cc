// SPDX-License-Identifier: Apache-2.0
// tarn.compaction_states()
#include "boundary/guard.h"
#include "lake/wire_maintenance.h"
#include "process/engine_client.h"

extern "C" {
#include <datatype/timestamp.h>
#include <funcapi.h>
#include <utils/builtins.h>
#include <utils/timestamp.h>
}

namespace tarn::extension {
namespace {

constexpr int kColumns = 14;
constexpr int64_t kEpochSeconds = int64_t{POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE} * SECS_PER_DAY;

Datum TimeOf(int64_t unix_ms) {
  return TimestampTzGetDatum(unix_ms * 1000 - kEpochSeconds * USECS_PER_SEC);
}

void PutState(const ReturnSetInfo* result, const lake::CompactionState& state) {
  Datum values[kColumns] = {ObjectIdGetDatum(state.table_oid),
                            Int32GetDatum(state.backend_pid),
                            TimeOf(state.started_ms),
                            TimeOf(state.ended_ms),
                            Int64GetDatum(state.total_files),
                            Int64GetDatum(state.total_bytes),
                            Int64GetDatum(state.done_bytes),
                            Int64GetDatum(state.rewrites),
                            Int64GetDatum(state.failures),
                            Int64GetDatum(state.rewritten_files),
                            Int64GetDatum(state.rewritten_bytes),
                            Int64GetDatum(state.added_files),
                            Int64GetDatum(state.added_bytes),
                            PointerGetDatum(cstring_to_text(state.error.c_str()))};
  bool nulls[kColumns] = {};
  nulls[1] = state.backend_pid == 0;
  nulls[2] = state.started_ms == 0;
  nulls[3] = state.ended_ms == 0;
  nulls[kColumns - 1] = state.error.empty();
  tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

void PutStates(const ReturnSetInfo* result) {
  EngineClient& client = EngineClient::Get();
  const auto answer =
      client.Parse<lake::CompactionStates>(client.CallEmpty(lake::MessageType::kCompactionStates));
  for (const lake::CompactionState& state : answer.tables) {
    Pg([&] { PutState(result, state); });
  }
}

}  // namespace
}  // namespace tarn::extension

extern "C" {
PG_FUNCTION_INFO_V1(tarn_compaction_states);

Datum tarn_compaction_states(PG_FUNCTION_ARGS) {
  InitMaterializedSRF(fcinfo, 0);
  auto* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  tarn::extension::Guard([&] { tarn::extension::PutStates(result); });
  PG_RETURN_NULL();
}
}
