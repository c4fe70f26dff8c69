// SPDX-License-Identifier: Apache-2.0
// Properties of tables as numbers and truth values.
#pragma once

#include <cstdint>

#include "iceberg/model/table_metadata.h"

namespace tarn::iceberg {

/// A property as a number; `fallback` when it is absent or no number.
int64_t NumberProperty(const TableMetadata& metadata, const char* name, int64_t fallback);

/// A property as a truth value: "true" in any case is true, all else false; `fallback` when absent.
bool BoolProperty(const TableMetadata& metadata, const char* name, bool fallback);

}  // namespace tarn::iceberg
