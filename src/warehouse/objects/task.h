// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "warehouse/objects/object_kind.h"
#include "warehouse/objects/stage.h"

namespace tarn::warehouse {

enum class TaskState : uint8_t { kSuspended, kStarted };

template <>
struct EnumNames<TaskState> {
  using N = EnumName<TaskState>;
  static constexpr std::array kAll = {N{TaskState::kSuspended, "suspended"},
                                      N{TaskState::kStarted, "started"}};
};

/// Texts as written; the scheduler reads `schedule`.
struct Task {
  static constexpr ObjectKind kKind = ObjectKind::kTask;
  TaskState state = TaskState::kSuspended;
  std::optional<ObjectId> warehouse;
  std::string managed_warehouse_size;
  std::string schedule;   ///< "2 MINUTES", "USING CRON …"; "": none
  std::string condition;  ///< of WHEN
  std::string definition;
  std::vector<ObjectId> predecessors;
  std::optional<ObjectId> finalizes;  ///< the root whose finalizer it is
  std::string overlap_policy = "NO_OVERLAP";
  std::string config;
  int64_t timeout_ms = 3'600'000;
  int64_t suspend_after_failures = 10;
  int64_t auto_retry_attempts = 0;
  std::string error_integration;
  std::string target_completion_interval;
  std::optional<ObjectId> execute_as_user;
  Options session_parameters;
  /// Of the last RESUME: intervals count from it.
  std::optional<int64_t> resumed_ms;
  std::optional<int64_t> last_suspended_ms;
  std::string last_suspended_reason;
  std::optional<int64_t> last_committed_ms;
  int64_t failures_in_row = 0;
  bool operator==(const Task&) const = default;
};

template <>
struct Fields<Task> {
  static constexpr auto kAll =
      std::tuple{Field{"state", &Task::state},
                 Field{"warehouse_id", &Task::warehouse},
                 Field{"managed_warehouse_size", &Task::managed_warehouse_size},
                 Field{"schedule", &Task::schedule},
                 Field{"condition", &Task::condition},
                 Field{"definition", &Task::definition},
                 Field{"predecessors", &Task::predecessors},
                 Field{"finalizes_id", &Task::finalizes},
                 Field{"overlap_policy", &Task::overlap_policy},
                 Field{"config", &Task::config},
                 Field{"timeout_ms", &Task::timeout_ms},
                 Field{"suspend_after_failures", &Task::suspend_after_failures},
                 Field{"auto_retry_attempts", &Task::auto_retry_attempts},
                 Field{"error_integration", &Task::error_integration},
                 Field{"target_completion_interval", &Task::target_completion_interval},
                 Field{"execute_as_user_id", &Task::execute_as_user},
                 Field{"session_parameters", &Task::session_parameters},
                 Field{"resumed_ms", &Task::resumed_ms},
                 Field{"last_suspended_ms", &Task::last_suspended_ms},
                 Field{"last_suspended_reason", &Task::last_suspended_reason},
                 Field{"last_committed_ms", &Task::last_committed_ms},
                 Field{"failures_in_row", &Task::failures_in_row}};
};

}  // namespace tarn::warehouse
