// SPDX-License-Identifier: Apache-2.0
// Values of expressions in blocks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "warehouse/session/nested_statements.h"
#include "warehouse/statements/execute.h"

namespace tarn::warehouse {

/// The value as a constant, with variables by their bare names; converted to `type` if that is
/// given. What is a constant already costs no query.
StatementResult<sql::bound::Expression> EvaluateWith(const StatementContext& context,
                                                     const sql::syntax::Expression& expression,
                                                     std::string_view text, NamedValues named,
                                                     const std::optional<sql::DataType>& type);

StatementResult<sql::bound::Expression> ConvertConstant(const StatementContext& context,
                                                        sql::bound::Expression value,
                                                        const sql::DataType& type);

/// Of a whole number.
StatementResult<int64_t> IntegerOf(const sql::bound::Expression& value);

/// `v` or `:v`.
StatementResult<std::string> VariableNamed(const sql::syntax::Expression& expression);
/// The variables of SELECT … INTO; null for other statements.
const std::vector<sql::syntax::Expression>* IntoOf(const sql::syntax::Statement& statement);
/// Of RETURN TABLE(rs): the name.
std::optional<std::string> ReturnedTable(const sql::syntax::Expression& expression);

}  // namespace tarn::warehouse
