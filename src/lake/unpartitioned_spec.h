// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "iceberg/model/table_metadata.h"

namespace tarn::lake {

/// The spec that PostgreSQL's files are written under: the default one if it has no fields, else
/// the newest other one without; null if the table has none. A table may hold files of any of its
/// specs, so other writers may make another spec the default.
inline const iceberg::PartitionSpec* FindUnpartitionedSpec(const iceberg::TableMetadata& table) {
  const iceberg::PartitionSpec* found = table.FindPartitionSpec(table.default_spec_id);
  if (found != nullptr && found->fields.empty()) return found;
  found = nullptr;
  for (const iceberg::PartitionSpec& spec : table.partition_specs) {
    if (spec.fields.empty()) found = &spec;
  }
  return found;
}

}  // namespace tarn::lake
