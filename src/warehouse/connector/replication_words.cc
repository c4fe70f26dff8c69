// SPDX-License-Identifier: Apache-2.0
#include "warehouse/connector/replication_words.h"

namespace tarn::warehouse {

using capture::Phase;
using capture::PhaseStatus;

std::string_view WordOf(Phase phase) {
  switch (phase) {
    case Phase::kSchemaIntrospection:
      return "SCHEMA_INTROSPECTION";
    case Phase::kInitialLoad:
      return "INITIAL_LOAD";
    case Phase::kIncrementalLoad:
      break;
  }
  return "INCREMENTAL_LOAD";
}

std::string_view WordOf(PhaseStatus status) {
  switch (status) {
    case PhaseStatus::kWaiting:
      return "WAITING";
    case PhaseStatus::kInProgress:
      return "IN_PROGRESS";
    case PhaseStatus::kDone:
      return "DONE";
    case PhaseStatus::kRetrying:
      return "RETRYING";
    case PhaseStatus::kFailed:
      break;
  }
  return "FAILED";
}

CapturedTable WithState(const CapturedTable& table, const capture::TableState& state) {
  CapturedTable next = table;
  next.phase = WordOf(state.phase);
  next.introspection = WordOf(state.introspection);
  next.snapshot = WordOf(state.snapshot);
  next.incremental = WordOf(state.incremental);
  next.error.clear();
  if (state.error) {
    next.error = state.error->message;
    if (!state.error->detail.empty()) next.error += " " + state.error->detail;
    if (!state.error->hint.empty()) next.error += " " + state.error->hint;
  }
  return next;
}

CapturedTable WithoutState(const CapturedTable& table) {
  return {.data_source = table.data_source,
          .schema = table.schema,
          .table = table.table,
          .included = table.included,
          .excluded = table.excluded,
          .error = {},
          .removing = table.removing,
          .added_ms = table.added_ms};
}

std::vector<const char*> AgentActions(const CapturedTable& before, const CapturedTable& after) {
  std::vector<const char*> actions;
  const auto tell = [&](const std::string& was, const std::string& is, std::string_view word,
                        const char* action) {
    if (was != is && is == word) actions.push_back(action);
  };
  const std::string_view begun = WordOf(PhaseStatus::kInProgress);
  const std::string_view done = WordOf(PhaseStatus::kDone);
  const std::string_view failed = WordOf(PhaseStatus::kFailed);
  tell(before.introspection, after.introspection, done, "Schema introspection succeeded");
  tell(before.introspection, after.introspection, failed, "Schema introspection failed");
  tell(before.snapshot, after.snapshot, begun, "Snapshot load started");
  tell(before.snapshot, after.snapshot, done, "Snapshot load finished");
  tell(before.snapshot, after.snapshot, failed, "Snapshot load failed");
  tell(before.incremental, after.incremental, begun, "Incremental load started");
  tell(before.incremental, after.incremental, failed, "Incremental load failed");
  tell(before.incremental, after.incremental, WordOf(PhaseStatus::kRetrying),
       "Incremental load stopped");
  return actions;
}

}  // namespace tarn::warehouse
