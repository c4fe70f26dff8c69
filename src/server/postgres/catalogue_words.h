// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "warehouse/session.h"

namespace tarn::server::postgres {

/// Whether a statement is a query (SELECT, WITH, VALUES, TABLE) that PostgreSQL has to answer,
/// since it names something of its catalogues: the schema pg_catalog, one of its relations, a
/// function that begins with pg_ or that only PostgreSQL has, a type like regclass, or something of
/// information_schema that Snowflake's has not. Words count, never what stands in literals.
bool AsksCatalogues(std::string_view statement);

/// The statements of a text, as the session tells them apart; or, where it cannot read the text and
/// one of them asks for catalogues (operators like `~` are PostgreSQL's), as PostgreSQL does.
warehouse::StatementResult<std::vector<warehouse::StatementText>> SplitStatements(
    warehouse::Session& session, std::string_view text, const warehouse::Dialect& dialect);

}  // namespace tarn::server::postgres
