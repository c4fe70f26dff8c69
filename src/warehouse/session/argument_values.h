// SPDX-License-Identifier: Apache-2.0
// Arguments of functions whose value or rows a statement's moment gives: constant expressions.
#pragma once

#include <cstdint>
#include <optional>

#include "sql/bound/expression.h"
#include "warehouse/session/query_names.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// The value as a constant, by the engine where it is none yet. 001003 (42000) for one that asks
/// tables.
StatementResult<sql::bound::Expression> EvaluateArgument(const NamingMoment& moment,
                                                         sql::bound::Expression value);

/// Absent: no constant whole number of 64 bits.
std::optional<int64_t> IntegerConstant(const sql::bound::Expression& value);

/// The instant that an expression over no column gives, in milliseconds since 1970 UTC; a DATE or a
/// TIMESTAMP_NTZ is one of the session's time zone. 001008 (22023), with the argument's `name`, for
/// NULL and for what cannot become one.
StatementResult<int64_t> InstantArgument(const NamingMoment& moment, std::string_view name,
                                         const sql::bound::Expression& value);

}  // namespace tarn::warehouse
