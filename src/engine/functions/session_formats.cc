// SPDX-License-Identifier: Apache-2.0
#include "engine/functions/session_formats.h"

namespace tarn::engine {

TextFormats SessionFormatsOf(duckdb::ClientContext& context) {
  const auto state = context.registered_state->Get<SessionFormatsState>(kSessionFormatsState);
  return state == nullptr ? TextFormats{} : state->formats;
}

}  // namespace tarn::engine
