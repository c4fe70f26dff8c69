// SPDX-License-Identifier: Apache-2.0
// Whether schemas, partition specs and sort orders fit a table, in the words that clients of REST
// catalogs compare.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "iceberg/model/partition_spec.h"
#include "iceberg/model/schema.h"

namespace tarn::iceberg {

/// What the format version lacks ("Invalid schema for v2: …"), then what ValidateSchema checks:
/// InvalidArgument.
Result<> CheckSchemaFits(const Schema& schema, int32_t format_version);

/// Sources exist in the schema, in structs alone, and the transforms take their types; void needs
/// no source, since the column may be gone: InvalidArgument.
Result<> CheckSpecSources(const PartitionSpec& spec, const Schema& schema);

/// A spec to be added: its sources, its names beside those of columns, no field twice; ids from
/// 1000 without gaps in version 1.
Result<> CheckNewSpec(const PartitionSpec& spec, const Schema& schema, int32_t format_version);

/// Sources exist and the transforms take their types: InvalidArgument.
Result<> CheckSortOrderSources(const SortOrder& order, const Schema& schema);

}  // namespace tarn::iceberg
