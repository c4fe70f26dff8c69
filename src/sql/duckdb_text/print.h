// SPDX-License-Identifier: Apache-2.0
// A bound query as DuckDB's SQL. All names in it are ours; texts of the user stand in quoted
// constants only.
#pragma once

#include <string>
#include <string_view>

#include "sql/bound/query.h"

namespace tarn::sql {

/// REQUIRES: every column of the query travels in its carrier.
std::string PrintForDuckdb(const bound::Query& query);
std::string PrintForDuckdb(const bound::Expression& expression);

/// A string constant.
std::string QuoteForDuckdb(std::string_view text);
/// "DECIMAL(10,2)", "BIGINT", …
std::string DuckdbTypeName(const Type& carrier);

}  // namespace tarn::sql
