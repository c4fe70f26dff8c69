// SPDX-License-Identifier: Apache-2.0
#include "table/commit_outcome.h"

#include <algorithm>

namespace tarn::table {

StepOutcome OutcomeOf(const UnsettledStep& step, const iceberg::LoadedTable& newest) {
  if (newest.metadata_location == step.new_location) return StepOutcome::kTaken;
  const iceberg::TableMetadata& metadata = *newest.metadata;
  if (metadata.FindSnapshot(step.snapshot_id) != nullptr) return StepOutcome::kTaken;
  const auto& log = metadata.metadata_log;
  const auto logged = [&](const std::string& location) {
    return std::ranges::find(log, location, &iceberg::MetadataLogEntry::metadata_file);
  };
  if (logged(step.new_location) != log.end()) return StepOutcome::kTaken;
  if (newest.metadata_location == step.base_location) return StepOutcome::kUndecided;
  // The base is in the log, and what followed it is not ours.
  return logged(step.base_location) != log.end() ? StepOutcome::kNeverTaken
                                                 : StepOutcome::kUndecided;
}

}  // namespace tarn::table
