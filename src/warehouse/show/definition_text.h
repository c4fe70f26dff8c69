// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "warehouse/catalogue/caller.h"
#include "warehouse/metastore/snapshot.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// The statement that makes the object again, which ends with a semicolon: what GET_DDL gives.
/// `type` is TABLE, VIEW or DYNAMIC_TABLE, in any case, which stand for each other, or FUNCTION,
/// whose name comes with its signature. `qualified`: with database and schema. 000002 by name for
/// other types and for Iceberg tables; DoesNotExist for what the caller may not know of, and for a
/// secure view or function of somebody else.
StatementResult<std::string> DefinitionText(const Snapshot& snapshot, const Caller& caller,
                                            std::string_view type, const ObjectName& name,
                                            bool qualified);

}  // namespace tarn::warehouse
