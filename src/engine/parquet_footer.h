// SPDX-License-Identifier: Apache-2.0
// The footer of a Parquet file (Parquet format, "File Metadata"). Only for sources of this folder:
// it includes DuckDB.
#pragma once

#include <parquet_types.h>
#include <duckdb.hpp>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/strong_id.h"
#include "iceberg/model/data_file.h"
#include "storage/storage.h"

namespace tarn::engine {

/// The bytes behind the metadata: its length and the magic "PAR1".
inline constexpr int64_t kFooterTailBytes = 8;

/// Metadata from its serialised form. Corruption if it is malformed.
Result<duckdb_parquet::FileMetaData> ParseFooter(std::span<const uint8_t> bytes);
/// All that lies behind the row groups: metadata, length and magic.
std::vector<uint8_t> SerializeFooter(const duckdb_parquet::FileMetaData& metadata);
/// Replaces names of columns, wherever the metadata has them.
void RenameColumns(const std::map<std::string, std::string>& names,
                   duckdb_parquet::FileMetaData& metadata);

/// Reads the footer of an object; errors name it.
Result<duckdb_parquet::FileMetaData> ReadFooter(const storage::ObjectReader& object,
                                                std::string_view location);

/// Where each row group starts.
std::vector<int64_t> RowGroupOffsets(const duckdb_parquet::FileMetaData& metadata);
/// Fills column_sizes_bytes and split_offsets.
void FillSizes(const duckdb_parquet::FileMetaData& metadata, iceberg::DataFile& file);

/// Schema elements of the leaves, in the order of the columns of a row group.
std::vector<const duckdb_parquet::SchemaElement*> Leaves(
    const duckdb_parquet::FileMetaData& metadata);

}  // namespace tarn::engine
