// SPDX-License-Identifier: Apache-2.0
// Histories of a source's log: a standby that takes over, or a recovery to a point in time, begins
// a new timeline.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "base/result.h"
#include "capture/lsn.h"
#include "capture/source/connection_settings.h"

namespace tarn::capture {

/// Where each timeline ended that `timeline` descends from; empty for the first one. Positions of
/// them beyond are of a history that this server does not have.
Result<std::map<int64_t, Lsn>> EndsOfTimelines(const ConnectionSettings& settings,
                                               int64_t timeline);

/// The same of a history file (PostgreSQL, "Timelines").
std::map<int64_t, Lsn> ParseTimelineHistory(std::string_view content);

}  // namespace tarn::capture
