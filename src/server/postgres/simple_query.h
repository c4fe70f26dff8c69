// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "server/postgres/backend.h"

namespace tarn::server::postgres {

/// Serves a Query message, up to its ReadyForQuery. Several statements are one transaction, and the
/// first error ends them.
void ServeQuery(Backend& backend, std::string_view payload);

}  // namespace tarn::server::postgres
