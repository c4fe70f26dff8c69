// SPDX-License-Identifier: Apache-2.0
// Parameters of statements as constants of the binder.
#pragma once

#include <span>
#include <vector>

#include "warehouse/session/query.h"

namespace tarn::warehouse {

/// Types of `count` parameters: as declared, text where nobody said.
std::vector<sql::DataType> ParameterTypes(std::span<const sql::DataType> declared, int32_t count);

/// What stands for them while a statement is only described: NULLs of these types.
std::vector<sql::bound::Expression> UnknownValues(std::span<const sql::DataType> types);

/// Texts are read by the type's own rules. 002049 (42601) where there are too few.
StatementResult<std::vector<sql::bound::Expression>> BindValues(
    const QueryContext& context, std::span<const sql::DataType> types,
    std::span<const BoundValue> values);

}  // namespace tarn::warehouse
