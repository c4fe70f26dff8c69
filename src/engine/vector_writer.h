// SPDX-License-Identifier: Apache-2.0
// From batches (base/batch.h) to DuckDB's vectors. Only for sources of this folder: it includes
// DuckDB.
#pragma once

#include <duckdb.hpp>

#include <cstdint>

#include "base/batch.h"
#include "base/column_type.h"

namespace tarn::engine {

/// Makes `vector`, of the DuckDB type of `type`, hold rows [begin, end) of `column`, no more than
/// its capacity. The bytes of strings are referenced, not copied: the batch must outlive the
/// vector's use.
void FillVector(const Type& type, const ColumnView& column, int64_t begin, int64_t end,
                duckdb::Vector& vector);

}  // namespace tarn::engine
