// SPDX-License-Identifier: Apache-2.0
// What a table of the destination has of its source: properties of the table, so that they change
// in the commit that brings the rows.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "capture/apply/table_layout.h"
#include "capture/lsn.h"
#include "capture/source/table_catalog.h"
#include "capture/source/table_versions.h"
#include "capture/source_table.h"

namespace tarn::capture {

/// A plain value.
struct TableProgress {
  /// Transactions whose commit record ends at or before it are in the table, no others.
  Lsn position;
  std::string slot;
  SystemIdentity system;
  RelationOid table;  ///< of the source
  std::vector<ColumnBinding> columns;
  /// As the source's table was last seen, when all that had happened to it was followed. Absent in
  /// tables of before this was kept.
  std::optional<TableVersion> version = std::nullopt;
  bool operator==(const TableProgress&) const = default;
};

using Properties = std::map<std::string, std::string>;

/// tarn.capture.*
Properties ToProperties(const TableProgress& progress);
/// Absent where none of them is there: the first copy was never committed. Corruption where some
/// are missing or none of ours.
Result<std::optional<TableProgress>> ProgressOf(const Properties& properties);

}  // namespace tarn::capture
