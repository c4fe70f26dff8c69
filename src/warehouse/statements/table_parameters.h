// SPDX-License-Identifier: Apache-2.0
// Parameters of tables that their containers can set for them, too (Snowflake, "Parameters").
#pragma once

#include <string_view>

#include "warehouse/statements/option_reader.h"

namespace tarn::warehouse {

/// TRUE by default; FALSE: small files stay as they are (maintenance/table_compaction.h).
inline constexpr std::string_view kDataCompactionParameter = "ENABLE_DATA_COMPACTION";

/// Those that the options set, as they are stored.
Options TableParameters(OptionReader& options);

}  // namespace tarn::warehouse
