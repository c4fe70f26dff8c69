// SPDX-License-Identifier: Apache-2.0
// Snowflake's INFORMATION_SCHEMA: views over the objects of a database, as the caller's roles see
// them.
#pragma once

#include <string_view>

#include "warehouse/catalogue/caller.h"
#include "warehouse/metastore/snapshot.h"
#include "warehouse/session/named_rows.h"
#include "warehouse/show/show_context.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// The rows of INFORMATION_SCHEMA.`name` in `database`, which the caller may use. MANAGE GRANTS
/// alone shows nothing, other than in SHOW. 000002 for a view of Snowflake's that is not there,
/// NoSuchObject for what is none.
StatementResult<MadeRows> InformationSchemaRows(const Snapshot& snapshot, const Caller& caller,
                                                const ObjectHead& database, std::string_view name,
                                                const ShowFacts& facts);

}  // namespace tarn::warehouse
