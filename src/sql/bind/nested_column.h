// SPDX-License-Identifier: Apache-2.0
// Structs, lists and maps of files as queries hold them: text (engine/functions/variant_text.h).
#pragma once

#include "sql/bound/expression.h"

namespace tarn::sql {

/// REQUIRES: the column's carrier is nested. Its type stays.
bound::Expression NestedAsText(bound::Expression column);

}  // namespace tarn::sql
