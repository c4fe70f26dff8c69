// SPDX-License-Identifier: Apache-2.0
// Text → tree.
//
// Every function takes UTF-8 and may be called from any thread at once, with 2 MiB of stack or
// more. Spans of the tree count bytes of the text given here. Failures: InvalidArgument with
// Snowflake's message and code (syntax_error.h), and a hint where a keyword was nearly right;
// Unsupported for what the grammar knows and Tarn does not do; ResourceExhausted for texts that are
// too long, too deep or too long in their chains. Time is linear in the text.
#pragma once

#include <string_view>

#include "base/result.h"
#include "sql/syntax/statement.h"

namespace tarn::sql::syntax {

/// One statement; a semicolon may stand behind it. Scripts of several: script.h.
Result<Statement> ParseStatement(std::string_view text);

/// The body of a procedure or an anonymous block's text: a block, or a statement of Snowflake
/// Scripting.
Result<Statement> ParseBody(std::string_view text);

/// The query of a view or a dynamic table, the body of a function that is one.
Result<Query> ParseQuery(std::string_view text);

/// The body of a function, a condition, a default.
Result<Expression> ParseExpression(std::string_view text);

/// A name in a string: IDENTIFIER('db."s".t'), NETWORK_POLICY = '"my policy"'.
Result<ObjectName> ParseObjectName(std::string_view text);

Result<DataType> ParseDataType(std::string_view text);

}  // namespace tarn::sql::syntax
