// SPDX-License-Identifier: Apache-2.0
// Rows become the data files of a table.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/batch.h"
#include "base/column_type.h"
#include "base/memory_budget.h"
#include "base/result.h"
#include "iceberg/model/data_file.h"
#include "iceberg/model/table_metadata.h"
#include "table/table_context.h"
#include "table/writer.h"

namespace tarn::table {

struct RowWriterOptions {
  std::vector<Field> fields;  ///< columns of the batches: the table's, or some with ids of its
  iceberg::SpecId partition_spec_id;   ///< of the table
  int64_t target_file_size_bytes = 0;  ///< 0 = write.target-file-size-bytes
  /// Files that may be open at once. More partitions than that: the largest ends, and its partition
  /// begins another when it comes again.
  int32_t max_open_files = 64;
  /// Of the names of files: a writer that makes several sets of them counts on.
  int32_t first_ordinal = 0;
  /// Where the caller has sorted the rows by one of the table's orders.
  std::optional<iceberg::SortOrderId> sort_order_id;
};

/// Writes rows as data files of `table` in the order in which they come within a partition: fans
/// out over partitions (transforms over whole columns), rolls by size, and holds no more memory
/// than `context.memory` grants: beyond, its largest open file ends. Codec, level, row groups,
/// metrics and places follow the table's write.* properties (table/write_properties.h,
/// table/data_locations.h). Files are named after the writer, beginning with ordinal
/// `first_ordinal`, and are durable when Finish returns them. Used by one thread; without Finish
/// nothing but files under the writer's name remains, and after a failure only destruction is
/// allowed.
class RowWriter {
 public:
  virtual ~RowWriter() = default;
  /// InvalidArgument for a value that a transform of the partition spec does not take, and for a
  /// batch of other columns.
  virtual Result<> Append(const BatchView& batch) = 0;
  /// With partition tuples and exact metrics, in the order in which they were ended. Call once.
  virtual Result<std::vector<iceberg::DataFile>> Finish() = 0;
  /// The ordinal after those that stand in names of files so far.
  virtual int32_t next_ordinal() const = 0;
};

/// `context` and what it refers to outlive the writer. InvalidArgument names a property or a
/// partition field that cannot be followed; NotFound a spec that the table does not have.
Result<std::unique_ptr<RowWriter>> OpenRowWriter(const TableContext& context, const Writer& writer,
                                                 const iceberg::TableMetadata& table,
                                                 RowWriterOptions options);

}  // namespace tarn::table
