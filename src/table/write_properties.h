// SPDX-License-Identifier: Apache-2.0
// How a table wants its files written: its write.* properties, checked.
#pragma once

#include <cstdint>
#include <vector>

#include "base/column_type.h"
#include "base/result.h"
#include "engine/engine.h"
#include "iceberg/model/table_metadata.h"

namespace tarn::table {

struct WriteProperties {
  engine::DataFileOptions files;
  int64_t target_file_size_bytes = 0;
};

/// Of data files with these columns. Defaults are Iceberg's, but for compression, which is the
/// engine's. InvalidArgument with a hint for a format other than Parquet, an unknown codec, and
/// what should be a number and is none. Sizes and rows of pages, Bloom filters and levels of codecs
/// other than zstd are hints that DuckDB's writer does not take: they change nothing.
Result<WriteProperties> DataWriteProperties(const iceberg::TableMetadata& table,
                                            const std::vector<Field>& columns);

/// The same of position delete files: write.delete.* where they are, with bounds that are whole.
Result<WriteProperties> DeleteWriteProperties(const iceberg::TableMetadata& table);

/// write.delete.target-file-size-bytes, which is all that Puffin files of vectors follow.
Result<int64_t> TargetDeleteFileBytes(const iceberg::TableMetadata& table);

}  // namespace tarn::table
