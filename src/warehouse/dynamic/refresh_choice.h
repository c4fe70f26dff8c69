// SPDX-License-Identifier: Apache-2.0
// Whether the change of a dynamic table is computed, or the whole, where its mode leaves that open.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "warehouse/dynamic/defined_table.h"
#include "warehouse/dynamic/frontier.h"
#include "warehouse/metastore/runs.h"

namespace tarn::warehouse {

/// How much there is to read, by the summaries of snapshots: an estimate. A plain value.
struct SourceRows {
  int64_t changed = 0;  ///< between two frontiers; rows that came and rows that went
  int64_t all = 0;
};

/// Where the history of a source is not whole, nothing of it counts as changed.
SourceRows CountSourceRows(const DefinedTable& defined, const Frontier& before);

/// What an earlier refresh took. A plain value.
struct MeasuredRefresh {
  bool whole = false;
  SourceRows rows;
  int64_t microseconds = 0;
};

/// Of runs that ended, the newest first; others are left out.
std::vector<MeasuredRefresh> MeasuredRefreshes(const std::vector<RunRecord>& runs);

/// Whether the whole is expected to take less time: by a line through the cheapest and the largest
/// change that was measured, or where there is none by a changed row costing twice a row of the
/// whole. False where no whole was measured.
bool WholeIsFaster(const std::vector<MeasuredRefresh>& history, const SourceRows& rows);

/// Whether a table may be computed either way: ADAPTIVE, and AUTO where that took INCREMENTAL.
bool MayChoose(const DynamicTable& table);

}  // namespace tarn::warehouse
