// SPDX-License-Identifier: Apache-2.0
// Failures of the modules below, as a statement's.
#pragma once

#include "engine/query.h"
#include "sql/sql_error.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// The parser's messages begin with their code: "001003 (42000): …". Here it leaves them.
StatementError FromSyntax(Error error);
StatementError FromSql(sql::SqlError error);
StatementError FromQuery(engine::QueryFailure failure);

/// 000604 (57014).
StatementFailure Cancelled();
/// 000630 (57014).
StatementFailure TimedOut(int64_t seconds);

/// The text behind "SQL compilation error:\n", for messages that are put into others.
std::string WithoutHeading(const std::string& message);

}  // namespace tarn::warehouse
