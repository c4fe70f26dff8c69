// SPDX-License-Identifier: Apache-2.0
// What becomes of a destination's columns when those of the source's table are other ones.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "capture/apply/table_layout.h"
#include "capture/capture_mode.h"
#include "capture/destination.h"
#include "iceberg/model/table_metadata.h"

namespace tarn::capture {

/// Column by column: the field that goes on having its values. A plain value.
struct Evolution {
  Destination::Alteration alteration;
  std::vector<TargetColumn> came;  ///< added now, or by somebody who was killed before he said so
  std::vector<ColumnBinding> kept;
  /// The catalogues tell what the table is now, the stream what it was: rows of before still come.
  std::vector<SourceColumn> retired;
  std::vector<ColumnBinding> gone;  ///< TableLayout::gone
  /// A column is another one than it was: what its rows have, only a new copy tells.
  bool replaces = false;
  bool retypes_key = false;
};

/// How columns belonged together before: `layout` is theirs, where it is known, and the table has
/// not been altered since.
struct ColumnsBefore {
  std::span<const ColumnBinding> bindings;
  const iceberg::TableMetadata* table = nullptr;
  const TableLayout* layout = nullptr;
};

/// `target` is PlanTarget's of `after`. InvalidArgument where the connector cannot follow.
Result<Evolution> CompareColumns(const ColumnsBefore& before, const SourceTable& after,
                                 const TargetTable& target, CaptureMode mode);

/// Whether a column has the name of another one of before: rows of before may still come, and
/// nothing tells which of them is meant.
bool ReusesName(const ColumnsBefore& before, const SourceTable& after, const TargetTable& target,
                CaptureMode mode);

}  // namespace tarn::capture
