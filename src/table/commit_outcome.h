// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "iceberg/commit/commit.h"

namespace tarn::table {

/// One table's step of a commit whose answer got lost.
struct UnsettledStep {
  std::string base_location;  ///< "" = the step creates the table
  std::string new_location;
  iceberg::SnapshotId snapshot_id;  ///< of the step; it may have made none
};

enum class StepOutcome : uint8_t {
  kTaken,
  kNeverTaken,  ///< and never will be: the pointer moved on from the base without it
  kUndecided,
};

/// What the newest state of the table tells of the step: a commit of somebody else can only follow
/// ours or replace it, since both start from the same base.
StepOutcome OutcomeOf(const UnsettledStep& step, const iceberg::LoadedTable& newest);

}  // namespace tarn::table
