// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/query.h"
#include "warehouse/session/session_state.h"

namespace tarn::warehouse {

/// How the session's queries write dates and times as text (its *_OUTPUT_FORMAT parameters).
engine::TextFormats FormatsOf(const SessionState& session);

}  // namespace tarn::warehouse
