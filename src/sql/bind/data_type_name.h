// SPDX-License-Identifier: Apache-2.0
// What a written data type means.
#pragma once

#include "sql/data_type.h"
#include "sql/sql_error.h"
#include "sql/syntax/data_type.h"

namespace tarn::sql {

/// 002040 (42601) for an unknown name, 000002 for types that are not supported.
SqlResult<DataType> ResolveDataType(const syntax::DataType& type);

}  // namespace tarn::sql
