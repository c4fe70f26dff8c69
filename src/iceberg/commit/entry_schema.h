// SPDX-License-Identifier: Apache-2.0
// Manifests outlive the columns that their files are partitioned by: columns are promoted and
// dropped, partition tuples stay.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "iceberg/model/data_file.h"
#include "iceberg/model/partition_spec.h"
#include "iceberg/model/schema.h"
#include "iceberg/model/table_metadata.h"

namespace tarn::iceberg {

/// The schema over which the entries can be written into one manifest of the spec: the table's
/// current one, else an earlier one that still has the sources, else `written`, which one of their
/// manifests has. Their tuples are brought to its types. Absent: no schema fits, or the spec has a
/// transform that nobody here knows; their manifests then stay as they are.
std::optional<Schema> SchemaOfEntries(const TableMetadata& metadata, const PartitionSpec& spec,
                                      const Schema& written, std::vector<ManifestEntry>& entries);

}  // namespace tarn::iceberg
