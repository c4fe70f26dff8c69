// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/filter.h"
#include "base/value.h"
#include "iceberg/model/manifest_file.h"
#include "iceberg/model/partition_spec.h"
#include "iceberg/model/schema.h"

namespace tarn::iceberg {

/// False only if no row of a file in the manifest can satisfy the filter, judged by the partition
/// summaries. `spec` is the manifest's own.
bool MayMatchSummaries(const std::vector<FieldSummary>& summaries, const Schema& schema,
                       const PartitionSpec& spec, const Filter& filter);

/// Likewise for one file by its partition tuple.
bool MayMatchPartition(const std::vector<Value>& tuple, const Schema& schema,
                       const PartitionSpec& spec, const Filter& filter);

}  // namespace tarn::iceberg
