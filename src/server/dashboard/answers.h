// SPDX-License-Identifier: Apache-2.0
// The forms of the dashboard's requests and answers, below what they say.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/http_exchange.h"
#include "warehouse/session.h"

namespace tarn::server::dashboard {

/// Never stored by anybody.
tarn::http::Response JsonAnswer(int status, std::string text);
/// {"error": …} of a kind that the page knows.
tarn::http::Response Refusal(int status, std::string_view kind, std::string message);
/// The same of a statement that failed: 404 "no_table" for a table that there is not or that the
/// role may not read, 403 "not_allowed", 422 "failed", 503 "unavailable".
tarn::http::Response FailureAnswer(const warehouse::StatementError& error);

/// Browsers say which page a request comes from. Others than ours have no business here, though
/// they lack the cookie as well.
bool IsOurPage(const tarn::http::Request& request);

/// The token. Cookies do not tell ports apart, so their name does.
std::optional<std::string> CookieOf(const tarn::http::Request& request);
/// For so many seconds; 0: removes it.
void SetCookie(const tarn::http::Request& request, std::string_view token, int64_t seconds,
               tarn::http::Response& response);

}  // namespace tarn::server::dashboard
