// SPDX-License-Identifier: Apache-2.0
// What Snowflake's clients are told when something fails.
#pragma once

#include <fmt/core.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/http_exchange.h"
#include "base/uuid.h"
#include "warehouse/session.h"

namespace tarn::server::snowflake {

/// Codes that clients act upon.
namespace code {
inline constexpr const char* kWrongPassword = "390100";
inline constexpr const char* kUserLocked = "390102";
inline constexpr const char* kTokenMissing = "390103";
inline constexpr const char* kSessionGone = "390111";
inline constexpr const char* kTokenExpired = "390112";
inline constexpr const char* kMasterExpired = "390114";
inline constexpr const char* kMasterInvalid = "390115";
inline constexpr const char* kTokenInvalid = "390144";
inline constexpr const char* kNoSuchAuthenticator = "390190";
inline constexpr const char* kInProgress = "333333";
inline constexpr const char* kInProgressAsync = "333334";
inline constexpr const char* kCancelled = "000604";
inline constexpr const char* kNothingToAbort = "000605";
inline constexpr const char* kNoSuchResult = "000612";
}  // namespace code

/// A failure of a call, not of a statement's: a plain value.
struct Failure {
  std::string code, message;
  std::string sqlstate;
};

template <typename T = void>
using Reply = std::expected<T, Failure>;

template <typename... Args>
std::unexpected<Failure> Refuse(const char* code, fmt::format_string<Args...> format,
                                Args&&... args) {
  return std::unexpected(Failure{code, fmt::format(format, std::forward<Args>(args)...), {}});
}

/// Snowflake's code and SQLSTATE of the error: its own, else those of its kind.
std::string CodeOf(const warehouse::StatementError& error);
std::string SqlStateOf(const warehouse::StatementError& error);

/// 200, as all failures of calls: clients repeat for minutes whatever else comes.
tarn::http::Response FailureResponse(const Failure& failure);
/// Of a statement. `text` is what the error's position counts in.
tarn::http::Response StatementFailureResponse(const warehouse::StatementError& error,
                                              const Uuid& query_id, std::string_view text);
/// `{"success": true, "data": null}`.
tarn::http::Response EmptySuccess();
/// A body that is no request of a client's.
tarn::http::Response Malformed(std::string_view why);

}  // namespace tarn::server::snowflake
