// SPDX-License-Identifier: Apache-2.0
// Scripts of several statements.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/syntax/source.h"

namespace tarn::sql::syntax {

/// Where the statements of a script stand, in order, each without the semicolon after it; empty
/// ones are left out. Semicolons in strings, comments and blocks of Snowflake Scripting (also those
/// that are the body of a CREATE or ALTER) end no statement. A block that is never closed reaches
/// to the end of the script. Statements need not be right: they are parsed one by one, so that
/// those before a wrong one can run. Fails as Tokenize does (lexer.h), for the script as a whole.
Result<std::vector<Span>> SplitScript(std::string_view text);

}  // namespace tarn::sql::syntax
