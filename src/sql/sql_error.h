// SPDX-License-Identifier: Apache-2.0
// A statement that cannot be compiled, with Snowflake's code and SQLSTATE.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "base/result.h"

namespace tarn::sql {

struct SqlError {
  Error error;
  std::string code;      ///< "000904"; empty where Snowflake has none for this
  std::string sqlstate;  ///< "42000"; empty likewise
  /// In bytes from the start of the statement's text; absent: nowhere in particular.
  std::optional<int64_t> position;
};

template <typename T = void>
using SqlResult = std::expected<T, SqlError>;

}  // namespace tarn::sql
