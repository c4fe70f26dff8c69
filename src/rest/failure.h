// SPDX-License-Identifier: Apache-2.0
// What a request is refused with: the specification's error model, and the one table from our
// errors to it.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/result.h"
#include "rest/http_message.h"
#include "warehouse/statement_error.h"

namespace tarn::rest {

/// "ErrorModel" of the Iceberg REST specification. Clients decide by status and type, and compare
/// some of the messages.
struct Failure {
  int status = 500;
  std::string type;
  std::string message;
};

template <typename T = void>
using Reply = std::expected<T, Failure>;

std::unexpected<Failure> BadRequest(std::string message);
std::unexpected<Failure> NotAuthorized(std::string message);
std::unexpected<Failure> Forbidden(std::string message);
std::unexpected<Failure> NoSuchNamespace(std::string_view name_space);
std::unexpected<Failure> NoSuchTable(std::string_view name);
std::unexpected<Failure> NoSuchView(std::string_view name);
std::unexpected<Failure> AlreadyExists(std::string message);
/// 409, which clients take as: read again and retry.
std::unexpected<Failure> CommitFailed(std::string message);

Failure AsFailure(Error error);
Failure AsFailure(warehouse::StatementError error);
inline Failure AsFailure(Failure failure) { return failure; }

Response ErrorResponse(const Failure& failure);

}  // namespace tarn::rest

/// As TARN_TRY and TARN_ASSIGN, in functions that return a Reply; of a Result or StatementResult
/// too.
#define REST_TRY(expr)                                                                 \
  do {                                                                                 \
    if (auto rest_result = (expr); !rest_result)                                       \
      return std::unexpected(::tarn::rest::AsFailure(std::move(rest_result).error())); \
  } while (false)

// NOLINTBEGIN(bugprone-macro-parentheses): a declaration and a name take no parentheses
#define REST_ASSIGN(lhs, expr) REST_ASSIGN_INNER(TARN_CONCAT(rest_result_, __LINE__), lhs, expr)
#define REST_ASSIGN_INNER(tmp, lhs, expr)                                            \
  auto tmp = (expr);                                                                 \
  if (!tmp) return std::unexpected(::tarn::rest::AsFailure(std::move(tmp).error())); \
  lhs = std::move(*tmp)
// NOLINTEND(bugprone-macro-parentheses)
