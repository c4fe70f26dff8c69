// SPDX-License-Identifier: Apache-2.0
// Schemas and partition specs as JSON text (spec, Appendix C), the same in metadata files and in
// the headers of manifests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "iceberg/model/partition_spec.h"
#include "iceberg/model/schema.h"

namespace tarn::iceberg {

/// A schema object: {"type": "struct", "schema-id": …, "fields": […]}.
std::string SerializeSchema(const Schema& schema);
/// Corruption naming the member. A missing schema-id reads as 0.
Result<Schema> ParseSchema(std::string_view json);

/// The array of the spec's fields alone, as the header key `partition-spec` of a manifest holds it.
std::string SerializePartitionFields(const PartitionSpec& spec);
/// Takes the array alone or a whole spec object. Fields without an id (v1) are numbered from 1000.
Result<std::vector<PartitionField>> ParsePartitionFields(std::string_view json);

}  // namespace tarn::iceberg
