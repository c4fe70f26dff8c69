// SPDX-License-Identifier: Apache-2.0
// PostgreSQL's arrays as the warehouse takes them: JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/postgres/sqlstate.h"

namespace tarn::server::postgres {

/// "{1,NULL,"a b"}" of elements of a type. 22P02 where it is none.
warehouse::StatementResult<std::string> ArrayTextToJson(std::string_view text,
                                                        uint32_t element_oid);
/// array_send's form. 22P03 where it is none; 0A000 for several dimensions.
warehouse::StatementResult<std::string> ArrayBytesToJson(std::string_view bytes,
                                                         uint32_t element_oid);

}  // namespace tarn::server::postgres
