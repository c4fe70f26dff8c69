// SPDX-License-Identifier: Apache-2.0
// What happens by itself: every run is recorded before it starts and ended in the transaction that
// makes its effect visible, so that after a crash none is lost or done twice.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "warehouse/metastore/transaction.h"

namespace tarn::warehouse {

using RunId = StrongId<int64_t, struct RunIdTag>;

/// A plain value. The words of `state` are TASK_HISTORY's: SCHEDULED, EXECUTING, SUCCEEDED, FAILED,
/// CANCELLED, SKIPPED, FAILED_AND_AUTO_SUSPENDED.
struct RunRecord {
  RunId id;
  std::string kind;  ///< "task", "refresh", "maintenance"
  ObjectId object;
  std::string object_name;  ///< qualified, as it was
  RunId graph_run;          ///< the root's run; its own where it is one
  ObjectId root;
  int64_t attempt = 1;
  std::string trigger = "SCHEDULE";
  std::string state = "SCHEDULED";
  int64_t scheduled_ms = 0;
  std::optional<int64_t> started_ms, ended_ms;
  std::string query_id, error_code, error_message;
  std::optional<std::string> return_value;
  std::string text, condition;
  std::string details;  ///< JSON, of the kind's own
};

template <>
struct Fields<RunRecord> {
  static constexpr auto kAll = std::tuple{Field{"kind", &RunRecord::kind},
                                          Field{"object_id", &RunRecord::object},
                                          Field{"object_name", &RunRecord::object_name},
                                          Field{"graph_run", &RunRecord::graph_run},
                                          Field{"root_id", &RunRecord::root},
                                          Field{"attempt", &RunRecord::attempt},
                                          Field{"trigger", &RunRecord::trigger},
                                          Field{"state", &RunRecord::state},
                                          Field{"scheduled_ms", &RunRecord::scheduled_ms},
                                          Field{"started_ms", &RunRecord::started_ms},
                                          Field{"ended_ms", &RunRecord::ended_ms},
                                          Field{"query_id", &RunRecord::query_id},
                                          Field{"error_code", &RunRecord::error_code},
                                          Field{"error_message", &RunRecord::error_message},
                                          Field{"return_value", &RunRecord::return_value},
                                          Field{"text", &RunRecord::text},
                                          Field{"condition", &RunRecord::condition},
                                          Field{"details", &RunRecord::details}};
};

/// `graph_run` 0 becomes the new run's own id.
Result<RunId> RecordRun(Transaction& transaction, RunRecord run);
/// The run as it is now; NotFound if it was forgotten.
Result<> UpdateRun(Transaction& transaction, const RunRecord& run);
/// Sets state and end. False: it had ended already, and nothing was changed.
Result<bool> EndRun(Transaction& transaction, RunId id, std::string_view state,
                    std::string_view error_code = "", std::string_view error_message = "",
                    const std::optional<std::string>& return_value = std::nullopt);

Result<std::optional<RunRecord>> FindRun(const Snapshot& snapshot, RunId id);
/// Begun or scheduled and not ended, oldest first.
Result<std::vector<RunRecord>> OpenRuns(const Snapshot& snapshot, std::string_view kind);
/// Of one object (0: all), scheduled in [from, to), newest first.
Result<std::vector<RunRecord>> RunsOf(const Snapshot& snapshot, std::string_view kind,
                                      ObjectId object, int64_t from_ms, int64_t to_ms,
                                      int64_t limit);
Result<std::vector<RunRecord>> RunsOfGraph(const Snapshot& snapshot, RunId graph_run);
/// Forgets runs that ended before.
Result<> PruneRuns(Transaction& transaction, int64_t ended_before_ms);

}  // namespace tarn::warehouse
