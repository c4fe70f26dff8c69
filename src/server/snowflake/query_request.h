// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include "base/http_exchange.h"
#include "server/snowflake/submission.h"

namespace tarn::server::snowflake {

/// The body of /queries/v1/query-request. What is not known is left out.
warehouse::StatementResult<StatementRequest> ReadQueryRequest(const tarn::http::Request& request,
                                                              const nlohmann::json& body);

}  // namespace tarn::server::snowflake
