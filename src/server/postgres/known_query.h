// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "server/postgres/own_statement.h"

namespace tarn::server::postgres {

/// Queries of PostgreSQL's catalogues that drivers send when they connect, in the very words that
/// they use, and whose answer is known without a catalogue: what version() says, and that there is
/// no type hstore. Absent: none of them. Until pg_catalog is there.
std::optional<OwnStatement> ParseKnownQuery(std::string_view statement);

}  // namespace tarn::server::postgres
