// SPDX-License-Identifier: Apache-2.0
// Tree → canonical text.
#pragma once

#include <string>
#include <string_view>

#include "sql/syntax/statement.h"

namespace tarn::sql::syntax {

/// Text that parses to a tree of the same meaning: keywords in upper case, names as written, quotes
/// and parentheses only where they are needed; one line, but for the statements of a block, which
/// have one each. REQUIRES: the tree could come from the parser (lists that the grammar wants
/// filled are filled).
std::string Print(const Statement& statement);
std::string Print(const Query& query);
std::string Print(const Expression& expression);
std::string Print(const DataType& type);
std::string Print(const ObjectName& name);

/// `'…'` with quotes and backslashes escaped: every text that goes into SQL goes through here.
std::string QuoteString(std::string_view text);

/// The name as it must be written to denote exactly this text: quoted unless plain.
std::string QuoteName(std::string_view text);

}  // namespace tarn::sql::syntax
