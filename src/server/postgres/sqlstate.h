// SPDX-License-Identifier: Apache-2.0
// SQLSTATEs (PostgreSQL documentation, "PostgreSQL Error Codes") that this protocol sends.
#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "warehouse/session.h"

namespace tarn::server::postgres {

namespace sqlstate {
inline constexpr std::string_view kNoActiveTransaction = "25P01";
inline constexpr std::string_view kActiveTransaction = "25001";
inline constexpr std::string_view kFailedTransaction = "25P02";
inline constexpr std::string_view kIdleInTransaction = "25P03";
inline constexpr std::string_view kTransactionTimeout = "25P04";
inline constexpr std::string_view kReadOnly = "25006";
inline constexpr std::string_view kIdleSession = "57P05";
inline constexpr std::string_view kAdminShutdown = "57P01";
inline constexpr std::string_view kCannotConnectNow = "57P03";
inline constexpr std::string_view kCancelled = "57014";
inline constexpr std::string_view kProtocolViolation = "08P01";
inline constexpr std::string_view kNotSupported = "0A000";
inline constexpr std::string_view kInvalidAuthorization = "28000";
inline constexpr std::string_view kInvalidPassword = "28P01";
inline constexpr std::string_view kInvalidCatalog = "3D000";
inline constexpr std::string_view kTooManyConnections = "53300";
inline constexpr std::string_view kOutOfMemory = "53200";
inline constexpr std::string_view kLimitExceeded = "53400";
inline constexpr std::string_view kSyntax = "42601";
inline constexpr std::string_view kUndefinedObject = "42704";
inline constexpr std::string_view kUndefinedStatement = "26000";
inline constexpr std::string_view kUndefinedCursor = "34000";
inline constexpr std::string_view kDuplicateStatement = "42P05";
inline constexpr std::string_view kDuplicateCursor = "42P03";
inline constexpr std::string_view kUndefinedParameter = "42P18";
inline constexpr std::string_view kInvalidSavepoint = "3B001";
inline constexpr std::string_view kNotPrerequisite = "55000";
inline constexpr std::string_view kInvalidText = "22P02";
inline constexpr std::string_view kInvalidBinary = "22P03";
inline constexpr std::string_view kInvalidParameter = "22023";
inline constexpr std::string_view kOutOfRange = "22003";
inline constexpr std::string_view kDatetimeFormat = "22007";
inline constexpr std::string_view kBadCharacters = "22021";
inline constexpr std::string_view kCannotChange = "55P02";
inline constexpr std::string_view kTooManyColumns = "54011";
}  // namespace sqlstate

/// The SQLSTATE of an error whose statement named none: the only table of kinds.
std::string_view SqlStateOf(ErrorKind kind);

/// An error of the protocol's own: FailState(kSyntax, "…", …).
template <typename... Args>
[[nodiscard]] std::unexpected<warehouse::StatementError> FailState(
    std::string_view state, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(warehouse::StatementError{
      .error = {.kind = ErrorKind::kInvalidArgument,
                .message = fmt::format(format, std::forward<Args>(args)...)},
      .sqlstate = std::string(state)});
}

/// The same error with our kind's state filled in.
warehouse::StatementError AsStatementError(Error error);

}  // namespace tarn::server::postgres

/// As TARN_TRY and TARN_ASSIGN, for results with a StatementError.
#define TARN_STATEMENT_TRY(expr)                              \
  do {                                                        \
    if (auto tarn_result = (expr); !tarn_result)              \
      return std::unexpected(std::move(tarn_result).error()); \
  } while (false)

// NOLINTBEGIN(bugprone-macro-parentheses): a declaration and a name take no parentheses
#define TARN_STATEMENT_ASSIGN(lhs, expr) \
  TARN_STATEMENT_ASSIGN_INNER(TARN_CONCAT(tarn_result_, __LINE__), lhs, expr)
#define TARN_STATEMENT_ASSIGN_INNER(tmp, lhs, expr)         \
  auto tmp = (expr);                                        \
  if (!tmp) return std::unexpected(std::move(tmp).error()); \
  lhs = std::move(*tmp)
// NOLINTEND(bugprone-macro-parentheses)
