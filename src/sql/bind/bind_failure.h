// SPDX-License-Identifier: Apache-2.0
// How binding stops at the first error. Thrown and caught inside of src/sql/bind and
// src/sql/functions only (bind.cc): nearly every step may fail, and none can do anything about it.
#pragma once

#include <fmt/core.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sql/sql_error.h"
#include "sql/syntax/source.h"

namespace tarn::sql {

struct BindFailure {
  std::string code;
  std::string sqlstate;
  std::string message;  ///< without "SQL compilation error:"
  std::optional<syntax::Span> span;
  /// Whether the message begins with line and position, as Snowflake writes some of them.
  bool says_position = false;
  ErrorKind kind = ErrorKind::kInvalidArgument;
};

/// As others see it. `text` is what its span is of.
SqlError ToSqlError(const BindFailure& failure, std::string_view text);

/// For failures that are the same wherever they happen; the binder adds the place.
template <typename... Args>
[[noreturn]] void FailBinding(std::string code, std::string sqlstate,
                              fmt::format_string<Args...> format, Args&&... args) {
  throw BindFailure{.code = std::move(code),
                    .sqlstate = std::move(sqlstate),
                    .message = fmt::format(format, std::forward<Args>(args)...)};
}

template <typename... Args>
[[noreturn]] void FailUnsupported(fmt::format_string<Args...> format, Args&&... args) {
  throw BindFailure{.code = "000002",
                    .sqlstate = "0A000",
                    .message = fmt::format("Unsupported feature '{}'.",
                                           fmt::format(format, std::forward<Args>(args)...)),
                    .kind = ErrorKind::kUnsupported};
}

}  // namespace tarn::sql
