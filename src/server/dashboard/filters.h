// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/result.h"

namespace tarn::server::dashboard {

/// What is chosen in the sidebar; absent: "All", and for dates the earliest one and today. A plain
/// value.
struct Filters {
  std::optional<std::string> spend_status;  ///< "Low Spenders", …
  std::optional<std::string> age_group;     ///< "Gen Z", …
  std::optional<std::string> start, end;    ///< "2024-09-11", both inclusive
  std::optional<std::string> customer;      ///< its id as text
  std::optional<std::string> transaction_category, product_category;
};

/// What of the table's rows a page of the grid shows. A plain value.
struct PageRequest {
  std::string sort;  ///< a column as it is shown; "": the newest first
  bool descending = false;
  int64_t offset = 0, limit = 50;
};

/// Of the request's member "filters". InvalidArgument for a member, a choice or a date that there
/// is not.
Result<Filters> ReadFilters(const nlohmann::json& body);
/// Of its member "page".
Result<PageRequest> ReadPage(const nlohmann::json& body);

}  // namespace tarn::server::dashboard
