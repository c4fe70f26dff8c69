// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "iceberg/model/data_file.h"

namespace tarn::table {

/// Whether a position delete file is for the data file alone: it says so, or the bounds of its
/// paths do. Truncated bounds never equal a path.
bool DeletesOnlyFrom(const iceberg::DataFile& deletes, std::string_view data_file);

}  // namespace tarn::table
