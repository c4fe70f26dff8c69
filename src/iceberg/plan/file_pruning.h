// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/filter.h"
#include "iceberg/model/data_file.h"
#include "iceberg/model/partition_spec.h"
#include "iceberg/model/schema.h"

namespace tarn::iceberg {

enum class FileMatch : uint8_t {
  kNone,  ///< no row of the file satisfies the filter
  kSome,  ///< some may, some may not
  kAll,   ///< every row does
};

/// Judged by the file's partition (of `spec`) and its counts and bounds together. kNone and kAll
/// are certain.
FileMatch MatchFile(const DataFile& file, const Schema& schema, const PartitionSpec& spec,
                    const Filter& filter);

}  // namespace tarn::iceberg
