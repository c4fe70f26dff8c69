// SPDX-License-Identifier: Apache-2.0
// The table that the dashboard shows, and what its columns mean.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "warehouse/session.h"

namespace tarn::server::dashboard {

/// The dynamic table of the document.
inline constexpr const char* kDefaultTable = "cdc_prod.analytics.customer_purchase_summary";

enum class Meaning : uint8_t {
  kTransactionId,
  kCustomerId,
  kCustomerAge,
  kProductId,
  kProductName,
  kProductCategory,
  kMerchantId,
  kMerchantName,
  kMerchantCategory,
  kTransactionDate,
  kTransactionTime,
  kQuantity,
  kTotalPrice,
  kTransactionCard,
  kTransactionCategory,
};
inline constexpr size_t kMeaningCount = 15;

/// A plain value.
struct SourceTable {
  std::string shown;                 ///< its name as messages show it
  std::string sql_name;              ///< the same, quoted
  std::vector<std::string> columns;  ///< all of them as they are named
  std::array<std::string, kMeaningCount> quoted;

  const std::string& Of(Meaning meaning) const { return quoted[static_cast<size_t>(meaning)]; }
};

/// The table's columns by what they mean, whichever case they are written in. 000904 (42703) with
/// the names of all that are missing.
warehouse::StatementResult<SourceTable> DescribeSource(
    std::string shown, std::string sql_name, std::span<const warehouse::ResultColumn> columns);

}  // namespace tarn::server::dashboard
