// SPDX-License-Identifier: Apache-2.0
// Rows of batches as text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/batch.h"
#include "base/column_type.h"

namespace tarn::cli {

/// Appends one row as a JSON object and a line end. Numbers and booleans are JSON's, but for
/// decimals and for floats that JSON lacks, which are text like everything else; dates and times in
/// ISO 8601; bytes in hexadecimal; maps arrays of {key, value}.
void AppendJsonRow(const std::vector<Field>& fields, const BatchView& batch, int64_t row,
                   std::string& out);

/// Appends one row of RFC 4180, with nested values as JSON. Nulls are empty, empty text is "".
void AppendCsvRow(const std::vector<Field>& fields, const BatchView& batch, int64_t row,
                  std::string& out);
void AppendCsvHeader(const std::vector<Field>& fields, std::string& out);

}  // namespace tarn::cli
