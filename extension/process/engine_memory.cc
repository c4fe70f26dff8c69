// SPDX-License-Identifier: Apache-2.0
// tarn.engine_memory()
#include "boundary/guard.h"
#include "lake/wire_maintenance.h"
#include "process/engine_client.h"

extern "C" {
#include <funcapi.h>
#include <utils/builtins.h>
}

namespace tarn::extension {
namespace {

void PutConsumer(const ReturnSetInfo* result, const lake::MemoryConsumer& consumer) {
  Datum values[5] = {PointerGetDatum(cstring_to_text(consumer.name.c_str())),
                     Int64GetDatum(consumer.used_bytes), Int64GetDatum(consumer.peak_bytes),
                     Int64GetDatum(consumer.share_bytes), Int64GetDatum(consumer.refusals)};
  bool nulls[5] = {};
  tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

void PutMemory(const ReturnSetInfo* result) {
  EngineClient& client = EngineClient::Get();
  const auto answer =
      client.Parse<lake::MemoryUsed>(client.CallEmpty(lake::MessageType::kMemoryUsage));
  for (const lake::MemoryConsumer& consumer : answer.consumers) {
    Pg([&] { PutConsumer(result, consumer); });
  }
}

}  // namespace
}  // namespace tarn::extension

extern "C" {
PG_FUNCTION_INFO_V1(tarn_engine_memory);

Datum tarn_engine_memory(PG_FUNCTION_ARGS) {
  InitMaterializedSRF(fcinfo, 0);
  auto* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  tarn::extension::Guard([&] { tarn::extension::PutMemory(result); });
  PG_RETURN_NULL();
}
}
