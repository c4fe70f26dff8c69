// SPDX-License-Identifier: Apache-2.0
// How states of replication are told: the words of REPLICATION_STATE and of the agent's audit log.
#pragma once

#include <string_view>
#include <vector>

#include "capture/destination.h"
#include "warehouse/metastore/capture_records.h"

namespace tarn::warehouse {

std::string_view WordOf(capture::Phase phase);
std::string_view WordOf(capture::PhaseStatus status);

/// The table as it is in that state.
CapturedTable WithState(const CapturedTable& table, const capture::TableState& state);

/// What is asked of it, whatever became of that.
CapturedTable WithoutState(const CapturedTable& table);

inline constexpr const char* kSchemaChangeReported = "Schema change reported";
inline constexpr const char* kSlotBeyondLimit = "Replication slot exceeded its limit";
inline constexpr const char* kSlotWithinLimit = "Replication slot is within its limit";
/// What an agent did from one state to the other, in order.
std::vector<const char*> AgentActions(const CapturedTable& before, const CapturedTable& after);

}  // namespace tarn::warehouse
