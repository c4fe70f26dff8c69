// SPDX-License-Identifier: Apache-2.0
// What the metadata of a table tells, for SQL functions.
#pragma once

#include "base/result.h"
#include "lake/lake_context.h"
#include "lake/wire_update.h"

namespace tarn::lake {

/// Members are named as the metadata tables of Iceberg's Java library name their columns; times are
/// milliseconds. Thread-safe.
Result<TableDescribed> Describe(const LakeContext& lake, const DescribeTable& message);

}  // namespace tarn::lake
