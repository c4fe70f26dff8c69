// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/strong_id.h"

namespace tarn::iceberg {

using SnapshotId = StrongId<int64_t, struct SnapshotIdTag>;  ///< random, positive
using SequenceNumber =
    StrongId<int64_t, struct SequenceNumberTag>;  ///< order of commits; 0 is a valid value
using SchemaId = StrongId<int32_t, struct SchemaIdTag>;
using SpecId = StrongId<int32_t, struct SpecIdTag>;
using PartitionFieldId = StrongId<int32_t, struct PartitionFieldIdTag>;  ///< from 1000
using SortOrderId = StrongId<int32_t, struct SortOrderIdTag>;            ///< 0 = unsorted

}  // namespace tarn::iceberg
