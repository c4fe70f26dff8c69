// SPDX-License-Identifier: Apache-2.0
#include "server/dashboard/source_table.h"

#include <algorithm>

#include "sql/syntax/name.h"
#include "sql/syntax/print.h"

namespace tarn::server::dashboard {
namespace {

/// In the order of Meaning.
constexpr std::array<std::string_view, kMeaningCount> kNames = {
    "TRANSACTION_ID",    "CUSTOMER_ID",      "CUSTOMER_AGE",        "PRODUCT_ID",
    "PRODUCT_NAME",      "PRODUCT_CATEGORY", "MERCHANT_ID",         "MERCHANT_NAME",
    "MERCHANT_CATEGORY", "TRANSACTION_DATE", "TRANSACTION_TIME",    "QUANTITY",
    "TOTAL_PRICE",       "TRANSACTION_CARD", "TRANSACTION_CATEGORY"};

/// A join that does not rename the customer's column keeps this one.
constexpr std::string_view kAge = "AGE";

std::string NameOf(std::string_view wanted, std::span<const warehouse::ResultColumn> columns) {
  const auto found = std::ranges::find_if(columns, [wanted](const auto& column) {
    return sql::syntax::UpperCase(column.name) == wanted;
  });
  return found == columns.end() ? std::string() : found->name;
}

}  // namespace

warehouse::StatementResult<SourceTable> DescribeSource(
    std::string shown, std::string sql_name, std::span<const warehouse::ResultColumn> columns) {
  SourceTable table{.shown = std::move(shown), .sql_name = std::move(sql_name)};
  for (const auto& column : columns) table.columns.push_back(column.name);
  std::string missing;
  for (size_t i = 0; i < kMeaningCount; ++i) {
    std::string name = NameOf(kNames[i], columns);
    if (name.empty() && i == static_cast<size_t>(Meaning::kCustomerAge)) {
      name = NameOf(kAge, columns);
    }
    if (name.empty()) missing += (missing.empty() ? "" : ", ") + std::string(kNames[i]);
    table.quoted[i] = sql::syntax::QuoteName(name);
  }
  if (missing.empty()) return table;
  return std::unexpected(warehouse::StatementError{
      .error = {ErrorKind::kInvalidArgument,
                fmt::format("{} is no table for this dashboard", table.shown),
                fmt::format("It has no column {}.", missing),
                "Show a table or a view with the columns of customer_purchase_summary."},
      .code = "000904",
      .sqlstate = "42703",
      .position = {}});
}

}  // namespace tarn::server::dashboard
