// SPDX-License-Identifier: Apache-2.0
// One refresh of one dynamic table: its rows become those of its query at one moment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "warehouse/dynamic/frontier.h"
#include "warehouse/session/query.h"
#include "warehouse/session/session_transaction.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// Words of DYNAMIC_TABLE_REFRESH_HISTORY.
enum class RefreshAction : uint8_t { kNoData, kReinitialize, kFull, kIncremental };
enum class RefreshTrigger : uint8_t { kScheduled, kManual, kCreation };
std::string_view ToString(RefreshAction action);
std::string_view ToString(RefreshTrigger trigger);

/// What one did. A plain value.
struct RefreshReport {
  RefreshAction action = RefreshAction::kNoData;
  std::string reinit_reason;
  int64_t inserted_rows = 0, deleted_rows = 0;
  int64_t data_timestamp_ms = 0;
  // For choices of later ones (refresh_choice.h).
  int64_t changed_rows = 0, source_rows = 0;
  int64_t execution_us = 0;
  bool made_groups = false;  ///< what was kept was made for it
};

inline constexpr std::string_view kRefreshRun = "refresh";

/// What is asked for.
struct DynamicRefresh {
  ObjectId table;
  RefreshTrigger trigger = RefreshTrigger::kManual;
  std::string query_id;
};

/// Waits for a refresh of the table that is under way, records a run before it begins and its end
/// in the transaction of the rows. Tables that it reads and that are dynamic are refreshed first.
/// `context`: of the statement, or of whoever refreshes; its rights are not asked.
StatementResult<RefreshReport> RefreshTable(const QueryContext& context,
                                            const DynamicRefresh& request);

/// {"numInsertedRows": …}, for histories.
std::string StatisticsOf(const RefreshReport& report, RefreshTrigger trigger);

}  // namespace tarn::warehouse
