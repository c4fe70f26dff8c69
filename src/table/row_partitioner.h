// SPDX-License-Identifier: Apache-2.0
// Which partition each row of a batch belongs to.
#pragma once

#include <cstdint>
#include <vector>

#include "base/batch.h"
#include "base/column_type.h"
#include "base/result.h"
#include "base/value.h"
#include "iceberg/model/partition_spec.h"
#include "iceberg/model/schema.h"
#include "iceberg/values/column_transform.h"

namespace tarn::table {

/// Rows of one batch that share a partition, in their order.
struct PartitionRows {
  std::vector<Value> tuple;
  std::vector<int32_t> rows;
};

/// Splits batches of one set of columns. Used by one thread.
class RowPartitioner {
 public:
  /// `columns`: of the batches. A source that they do not have counts as the column's initial
  /// default. InvalidArgument for a transform that is unknown, a source that is gone, or one that
  /// the batches have in another type than the schema.
  static Result<RowPartitioner> Make(const iceberg::Schema& schema,
                                     const iceberg::PartitionSpec& spec,
                                     const std::vector<Field>& columns);

  /// In the order of the partitions' first rows.
  Result<std::vector<PartitionRows>> Split(const BatchView& batch) const;

 private:
  /// Where a partition field's values come from.
  struct Source {
    iceberg::Transform transform;
    Type type;
    std::vector<size_t> path;  ///< of the column, then of children; empty = `constant` for all
    Value constant;
  };

  static Result<Source> FindSource(const iceberg::Schema& schema,
                                   const iceberg::PartitionField& field,
                                   const std::vector<Field>& columns);
  static Result<iceberg::TransformedColumn> Transform(const Source& source, const BatchView& batch);

  std::vector<Source> sources_;  ///< by partition field
};

}  // namespace tarn::table
