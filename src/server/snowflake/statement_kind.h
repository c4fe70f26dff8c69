// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace tarn::server::snowflake {

inline constexpr int64_t kSelectType = 0x1000;
inline constexpr int64_t kMultiStatementType = 0xA000;

/// `statementTypeId` of a command (StatementSummary::command): by it clients know what rows mean.
int64_t StatementTypeOf(std::string_view command);

/// Whether its rows may travel as Arrow: Snowflake sends all others as JSON.
bool GivesArrow(std::string_view command);
/// Whether it changes rows, and may be run once for each row of bound values.
bool ChangesRows(std::string_view command);

}  // namespace tarn::server::snowflake
