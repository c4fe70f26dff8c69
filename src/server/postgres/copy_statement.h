// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "server/postgres/own_statement.h"
#include "server/postgres/tokens.h"

namespace tarn::server::postgres {

/// COPY … TO STDOUT, behind the verb. COPY INTO is the warehouse's; COPY FROM, and COPY to and from
/// files of the server, are unsupported.
warehouse::StatementResult<std::optional<OwnStatement>> ParseCopy(TokenCursor& cursor,
                                                                  std::string_view statement);

}  // namespace tarn::server::postgres
