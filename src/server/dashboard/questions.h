// SPDX-License-Identifier: Apache-2.0
// What the dashboard asks of its table, as SQL: everything that it shows is computed there, so that
// its numbers are those of SQL and a browser holds one page of rows at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/dashboard/filters.h"
#include "server/dashboard/source_table.h"

namespace tarn::server::dashboard {

/// A statement with texts for its placeholders. All of its columns are texts. A plain value.
struct Question {
  std::string sql;
  std::vector<std::string> values;
};

/// Groups beyond these are not drawn; the answer says how many there are.
inline constexpr int kGroupsMax = 100;

/// Everything but the grid, in one statement and so of one moment. Five columns: what a row tells
/// of (below), a name, a second one, and two numbers.
///   facts      earliest date, today; rows of the table
///   filtered   –; rows, purchases
///   spent      –; sum of purchases
///   products   a product category of the table
///   spenders   spend status; customers
///   day        date, transaction category; items
///   card       card; transactions
///   category   product category; transactions
///   merchant   merchant; transactions, sum of prices
///   groups     –; cards, merchants
///   favourite  the merchant with the largest sum
Question SummaryQuestion(const SourceTable& table, const Filters& filters);

/// The columns of the grid: the table's, then AGE_GROUP and SPEND_STATUS.
std::vector<std::string> GridColumns(const SourceTable& table);
/// One page of its rows. InvalidArgument for a sort column that there is not.
Result<Question> PageQuestion(const SourceTable& table, const Filters& filters,
                              const PageRequest& page);

/// The first ids of customers that begin with the text, in the order of their length and text.
Question CustomersQuestion(const SourceTable& table, std::string begins, int limit);

}  // namespace tarn::server::dashboard
