// SPDX-License-Identifier: Apache-2.0
// Captured values as tests compare them.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

#include "base/batch.h"
#include "base/column_type.h"
#include "capture/values/column_mapping.h"

namespace tarn::capture {

/// How a target is stored (values/column_mapping.h).
Type StoredType(const TargetType& target);

/// null, true, false, or a text: numbers with their digits, dates and times as ISO 8601 has them,
/// bytes as hexadecimal digits, VARIANT as its JSON text.
nlohmann::json ShownValue(const TargetType& target, const ColumnView& column, int64_t row);

}  // namespace tarn::capture
