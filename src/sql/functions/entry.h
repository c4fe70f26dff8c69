// SPDX-License-Identifier: Apache-2.0
// Short forms of entries, so that a table of functions has one line for each.
#pragma once

#include "sql/functions/function.h"

namespace tarn::sql {

inline Function Entry(FunctionCategory category, std::string_view names,
                      std::string_view parameters, std::string_view result,
                      std::string_view pattern, std::string_view example, std::string_view answer) {
  return {.names = names,
          .category = category,
          .parameters = parameters,
          .result = result,
          .pattern = pattern,
          .example = example,
          .answer = answer};
}

inline Function BoundEntry(FunctionCategory category, std::string_view names, FunctionBinder bind,
                           int min, int max, std::string_view example, std::string_view answer) {
  return {.names = names,
          .category = category,
          .bind = bind,
          .arguments_min = static_cast<int8_t>(min),
          .arguments_max = static_cast<int8_t>(max),
          .example = example,
          .answer = answer};
}

}  // namespace tarn::sql
