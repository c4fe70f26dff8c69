// SPDX-License-Identifier: Apache-2.0
// Tasks without a schedule that run when a stream has data (Snowflake, "Triggered tasks").
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "warehouse/catalogue/caller.h"
#include "warehouse/metastore/snapshot.h"
#include "warehouse/objects/task.h"
#include "warehouse/session/query_names.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

inline constexpr std::string_view kTriggerInterval =
    "USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS";
inline constexpr int64_t kTriggerIntervalLeast = 10, kTriggerIntervalDefault = 30,
                         kTriggerIntervalMost = 604'800;

/// Names in calls of SYSTEM$STREAM_HAS_DATA with a text, in the order of the condition.
std::vector<std::string> StreamsAskedFor(std::string_view condition);

/// A root without a schedule whose condition asks for streams.
bool IsTriggered(const Task& task);

/// Milliseconds from one beginning of the task to the next: the parameter's, of the task or of what
/// it lies in.
Result<int64_t> TriggerIntervalMs(const Snapshot& snapshot, ObjectId task);

/// Whether one of its streams has data; what the rest of the condition says is asked when it runs.
/// Fails as Resolve does, and as HasChanges (stream_changes.h).
StatementResult<bool> HasTrigger(NamingMoment& moment, const Caller& caller, const Task& task);

}  // namespace tarn::warehouse
