// SPDX-License-Identifier: Apache-2.0
// Functions that printed queries use where DuckDB has none, or one that answers otherwise. Their
// names begin with "tarn_"; sql/functions prints calls of them with arguments of exactly their
// types. Only for sources of this folder: it includes DuckDB.
#pragma once

#include <duckdb.hpp>
#include <duckdb/main/extension/extension_loader.hpp>

namespace tarn::engine {

/// Makes all of them known to a database.
void RegisterSqlFunctions(duckdb::DatabaseInstance& instance);

/// By topic; each lists its functions with their contracts.
void RegisterDecimalFunctions(duckdb::ExtensionLoader& loader);
void RegisterNumberText(duckdb::ExtensionLoader& loader);
void RegisterTemporalText(duckdb::ExtensionLoader& loader);
void RegisterStringFunctions(duckdb::ExtensionLoader& loader);
void RegisterTextAnalysis(duckdb::ExtensionLoader& loader);
void RegisterGenerationFunctions(duckdb::ExtensionLoader& loader);
void RegisterQueryNumbers(duckdb::ExtensionLoader& loader);
void RegisterMomentOutput(duckdb::ExtensionLoader& loader);
void RegisterZonedFunctions(duckdb::ExtensionLoader& loader);
void RegisterVariantFunctions(duckdb::ExtensionLoader& loader);
void RegisterVariantCasts(duckdb::ExtensionLoader& loader);
void RegisterVariantArrays(duckdb::ExtensionLoader& loader);
void RegisterVariantObjects(duckdb::ExtensionLoader& loader);
void RegisterVariantLists(duckdb::ExtensionLoader& loader);
void RegisterVariantRecords(duckdb::ExtensionLoader& loader);

}  // namespace tarn::engine
