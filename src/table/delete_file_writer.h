// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "iceberg/commit/change_set.h"
#include "iceberg/deletes/position_bitmap.h"
#include "iceberg/model/table_metadata.h"
#include "iceberg/plan/scan_plan.h"
#include "table/table_context.h"
#include "table/writer.h"

namespace tarn::table {

/// Writes deleted positions of data files in the form of the table's version: vectors, several to a
/// Puffin file, or one position delete file per data file. Used by one thread; without Finish
/// nothing but files under the writer's name remains.
class DeleteFileWriter {
 public:
  virtual ~DeleteFileWriter() = default;
  /// All that is deleted in the file by position, not empty. A file comes once.
  virtual Result<> Add(const iceberg::ScanFile& file, const iceberg::PositionBitmap& positions) = 0;
  /// The files, durable, as manifests are to describe them, in the order of Add. Call once.
  virtual Result<std::vector<iceberg::AddedDelete>> Finish() = 0;
  /// The ordinal after those that stand in names of files so far.
  virtual int32_t next_ordinal() const = 0;
};

/// `context` and `table` outlive the writer. InvalidArgument for format version 1, which has no
/// deletes, and as DeleteWriteProperties.
Result<std::unique_ptr<DeleteFileWriter>> OpenDeleteFileWriter(const TableContext& context,
                                                               const Writer& writer,
                                                               const iceberg::TableMetadata& table,
                                                               int32_t first_ordinal);

}  // namespace tarn::table
