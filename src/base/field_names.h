// SPDX-License-Identifier: Apache-2.0
// Full names of fields, as engines find them in a schema: "a.b" is field b of struct a, "l.element"
// the elements of list l, "m.key" and "m.value" the parts of map m.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/column_type.h"

namespace tarn {

/// A full name that two fields have, such as a column "a.b" beside a struct a with a field b; none
/// if there is no such. Other engines refuse a table with one. Names are compared as they are, case
/// included.
std::optional<std::string> FindSharedFullName(const std::vector<Field>& fields);

}  // namespace tarn
