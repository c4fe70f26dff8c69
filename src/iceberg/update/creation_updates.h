// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "iceberg/model/partition_spec.h"
#include "iceberg/model/schema.h"
#include "iceberg/update/metadata_update.h"

namespace tarn::iceberg {

/// What somebody who creates a table asks for. The ids are the asker's own.
struct TableRequest {
  Uuid table_uuid;
  std::string location;
  Schema schema;
  PartitionSpec spec;
  SortOrder order;
  std::map<std::string, std::string> properties;
};

/// The updates that create such a table, as Apache's Java library makes them: columns numbered anew
/// from 1, a whole level before what is inside it; identifiers, spec and order bound to the new
/// numbers; partition fields from 1000. The property format-version gives the version and is not
/// stored, other reserved ones are dropped, and write.parquet.compression-codec is zstd unless
/// given. InvalidArgument for sources and metrics columns that the schema lacks, and for commit.*
/// properties that are no natural numbers.
Result<std::vector<MetadataUpdate>> CreationUpdates(TableRequest request);

}  // namespace tarn::iceberg
