// SPDX-License-Identifier: Apache-2.0
#include "engine/functions/registration.h"

namespace tarn::engine {

void RegisterSqlFunctions(duckdb::DatabaseInstance& instance) {
  duckdb::ExtensionLoader loader(instance, "tarn");
  RegisterDecimalFunctions(loader);
  RegisterNumberText(loader);
  RegisterTemporalText(loader);
  RegisterStringFunctions(loader);
  RegisterTextAnalysis(loader);
  RegisterGenerationFunctions(loader);
  RegisterQueryNumbers(loader);
  RegisterMomentOutput(loader);
  RegisterZonedFunctions(loader);
  RegisterVariantFunctions(loader);
  RegisterVariantCasts(loader);
  RegisterVariantArrays(loader);
  RegisterVariantObjects(loader);
  RegisterVariantLists(loader);
  RegisterVariantRecords(loader);
}

}  // namespace tarn::engine
