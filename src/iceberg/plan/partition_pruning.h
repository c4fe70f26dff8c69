// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/filter.h"
#include "base/value.h"
#include "iceberg/model/manifest_file.h"
#include "iceberg/model/partition_spec.h"
#include "iceberg/model/schema.h"
#include "iceberg/plan/filter_outcome.h"

namespace tarn::iceberg {

/// False only if no row of a file in the manifest can satisfy the filter, judged by the partition
/// summaries. `spec` is the manifest's own.
bool MayMatchSummaries(const std::vector<FieldSummary>& summaries, const Schema& schema,
                       const PartitionSpec& spec, const Filter& filter);

/// False only if the manifest can't hold a file of this partition.
bool MayHoldPartition(const std::vector<FieldSummary>& summaries, const Schema& schema,
                      const PartitionSpec& spec, const std::vector<Value>& tuple);

/// What a condition (no AND, OR, NOT) may give in the rows of a partition.
Outcome JudgeByPartition(const std::vector<Value>& tuple, const Schema& schema,
                         const PartitionSpec& spec, const Filter& condition);

/// False only if no row of a file with this partition tuple can satisfy the filter.
bool MayMatchPartition(const std::vector<Value>& tuple, const Schema& schema,
                       const PartitionSpec& spec, const Filter& filter);

}  // namespace tarn::iceberg
