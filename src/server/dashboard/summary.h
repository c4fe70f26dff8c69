// SPDX-License-Identifier: Apache-2.0
// Answers to the browser, as JSON. Numbers are texts in it, exactly as SQL gives them.
#pragma once

#include <string>
#include <vector>

#include "server/dashboard/filters.h"
#include "server/dashboard/table_reader.h"

namespace tarn::server::dashboard {

/// Of the rows that SummaryQuestion gives.
std::string SummaryJson(const TableReader& reader, const Filters& filters,
                        const std::vector<TextRow>& rows);
/// Of those of PageQuestion.
std::string PageJson(const TableReader& reader, const std::vector<TextRow>& rows);
/// Of those of CustomersQuestion.
std::string CustomersJson(const std::vector<TextRow>& rows);
/// {"error": {"kind", "message", "detail", "hint", "code"}}
std::string ErrorJson(std::string_view kind, const warehouse::StatementError& error);

}  // namespace tarn::server::dashboard
