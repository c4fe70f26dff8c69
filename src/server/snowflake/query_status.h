// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "base/http_exchange.h"
#include "server/snowflake/submission.h"

namespace tarn::server::snowflake {

/// The answer of /monitoring/queries: what has become of statements.
tarn::http::Response StatusesOf(const std::vector<std::shared_ptr<Submission>>& submissions,
                                int64_t session_id);

}  // namespace tarn::server::snowflake
