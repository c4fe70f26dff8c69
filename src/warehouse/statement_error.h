// SPDX-License-Identifier: Apache-2.0
// Passing failures up through functions whose own failures carry Snowflake's codes.
#pragma once

#include <utility>

#include "base/result.h"
#include "warehouse/session.h"

namespace tarn::warehouse {

using StatementFailure = std::unexpected<StatementError>;

/// A failure of the machinery below: no code of Snowflake's.
inline StatementError AsStatementError(Error error) { return {.error = std::move(error)}; }
inline StatementError AsStatementError(StatementError error) { return error; }

/// For callers that want the kind only.
template <typename T>
Result<T> WithoutCode(StatementResult<T> result) {
  if (!result) return std::unexpected(std::move(result).error().error);
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return *std::move(result);
  }
}

}  // namespace tarn::warehouse

/// As TARN_TRY and TARN_ASSIGN, in functions that return a StatementResult; of a Result too.
#define STATEMENT_TRY(expr)                                                          \
  do {                                                                               \
    if (auto statement_result = (expr); !statement_result)                           \
      return std::unexpected(                                                        \
          ::tarn::warehouse::AsStatementError(std::move(statement_result).error())); \
  } while (false)

// NOLINTBEGIN(bugprone-macro-parentheses): a declaration and a name take no parentheses
#define STATEMENT_ASSIGN(lhs, expr) \
  STATEMENT_ASSIGN_INNER(TARN_CONCAT(statement_result_, __LINE__), lhs, expr)
#define STATEMENT_ASSIGN_INNER(tmp, lhs, expr)                                                   \
  auto tmp = (expr);                                                                             \
  if (!tmp) return std::unexpected(::tarn::warehouse::AsStatementError(std::move(tmp).error())); \
  lhs = std::move(*tmp)
// NOLINTEND(bugprone-macro-parentheses)
