// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "sql/bound/expression.h"

namespace tarn::sql::bound {

/// Whether it may give another value when it is computed again: for another row, or for the same.
/// Queries in it are not looked into.
inline bool IsVolatile(const Expression& expression) {
  return expression.is_volatile || std::ranges::any_of(expression.arguments, IsVolatile);
}

}  // namespace tarn::sql::bound
