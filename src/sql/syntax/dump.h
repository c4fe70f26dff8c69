// SPDX-License-Identifier: Apache-2.0
// Trees as compact text, for tests and for looking at what was parsed.
#pragma once

#include <string>

#include "sql/syntax/statement.h"

namespace tarn::sql::syntax {

/// A node is `(Name field=value …)`; fields that are absent, empty, false or an enumerator for the
/// default are left out, names are printed as what they denote (`"a"` is a quoted lower-case name,
/// `A` any spelling of a or "A"). Two trees have the same dump if and only if they mean the same:
/// spans are no part of it.
std::string Dump(const Statement& statement);
std::string Dump(const Query& query);
std::string Dump(const Expression& expression);
std::string Dump(const DataType& type);

}  // namespace tarn::sql::syntax
