// SPDX-License-Identifier: Apache-2.0
// Data files through DuckDB's Parquet writer. Only for sources of this folder: it includes DuckDB.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/worker_pool.h"
#include "engine/database.h"
#include "engine/engine.h"

namespace tarn::engine {

/// The first three outlive the writer.
Result<std::unique_ptr<DataFileWriter>> OpenDataFileWriter(storage::Storage& storage,
                                                           Database& database, WorkerPool& workers,
                                                           std::string location,
                                                           std::vector<Field> fields,
                                                           const DataFileOptions& options);

}  // namespace tarn::engine
