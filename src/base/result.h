// SPDX-License-Identifier: Apache-2.0
// The one error vocabulary of Tarn. A kind is chosen by what the caller can do about the failure,
// not by where it happened. Mappings to SQLSTATE, REST status and exit codes live in one table
// each, in the module that speaks that protocol.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace tarn {

/// Values are part of the wire protocol (lake/wire.h): append only, never renumber.
enum class ErrorKind : uint8_t {
  kNotFound = 1,
  kAlreadyExists = 2,
  kInvalidArgument = 3,
  kUnsupported = 4,
  kConflict = 5,            ///< lost a race: retry on a new base
  kCommitStateUnknown = 6,  ///< may have happened: look before retrying, delete nothing
  kCorruption = 7,
  kUnavailable = 8,  ///< retry may help
  kResourceExhausted = 9,
  kCancelled = 10,
  kPermissionDenied = 11,
  kInternal = 12,
};

/// The standard lower-case name of a kind, for logs.
std::string_view ToString(ErrorKind kind);

/// An error as it travels up to a user. `message` follows PostgreSQL's style (lower-case, no
/// period, names the object and the value); `detail` and `hint` are sentences and may be empty.
struct [[nodiscard]] Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string message;
  std::string detail;
  std::string hint;

  Error&& WithDetail(std::string text) && {
    detail = std::move(text);
    return std::move(*this);
  }
  Error&& WithHint(std::string text) && {
    hint = std::move(text);
    return std::move(*this);
  }
};

template <typename T = void>
using Result = std::expected<T, Error>;

/// Fail(ErrorKind::kNotFound, "file \"{}\" does not exist", path) is an unexpected Error, so that
/// it can be returned from any function with a Result.
template <typename... Args>
[[nodiscard]] std::unexpected<Error> Fail(ErrorKind kind, fmt::format_string<Args...> format,
                                          Args&&... args) {
  return std::unexpected<Error>(
      Error{kind, fmt::format(format, std::forward<Args>(args)...), {}, {}});
}

}  // namespace tarn

#define TARN_CONCAT_INNER(a, b) a##b
#define TARN_CONCAT(a, b) TARN_CONCAT_INNER(a, b)

/// TARN_TRY(expr): returns the error of a Result from the enclosing function.
#define TARN_TRY(expr)                                                       \
  do {                                                                       \
    if (auto tarn_result = (expr); !tarn_result)                             \
      return std::unexpected<::tarn::Error>(std::move(tarn_result).error()); \
  } while (false)

// NOLINTBEGIN(bugprone-macro-parentheses): a declaration and a name take no parentheses
/// TARN_ASSIGN(auto x, expr): declares or assigns x from a Result, or returns its error.
#define TARN_ASSIGN(lhs, expr) TARN_ASSIGN_INNER(TARN_CONCAT(tarn_result_, __LINE__), lhs, expr)
#define TARN_ASSIGN_INNER(tmp, lhs, expr)                                  \
  auto tmp = (expr);                                                       \
  if (!tmp) return std::unexpected<::tarn::Error>(std::move(tmp).error()); \
  lhs = std::move(*tmp)
// NOLINTEND(bugprone-macro-parentheses)
