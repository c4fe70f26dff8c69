// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "server/postgres/row_encoder.h"
#include "server/postgres/sqlstate.h"
#include "warehouse/session.h"

namespace tarn::server::postgres {

/// What Bind sends for one parameter → the session's value. `type_oid` is the type that the client
/// was told; `inferred` the statement's own, where the client has declared none. Texts that
/// PostgreSQL writes differently from the warehouse become values; others are left to the session.
/// 22P02, 22P03, 22003, 22021 for what is none of the type.
warehouse::StatementResult<warehouse::BoundValue> ReadParameter(uint32_t type_oid,
                                                                const sql::DataType& inferred,
                                                                Format format,
                                                                std::string_view bytes);

}  // namespace tarn::server::postgres
