// SPDX-License-Identifier: Apache-2.0
// The groups that customers are put into, with the borders of the document that the dashboard is
// of: its application's CASE expressions.
#pragma once

#include <array>
#include <string_view>

namespace tarn::server::dashboard {

inline constexpr std::array<std::string_view, 3> kSpendStatuses = {
    "Low Spenders", "Medium Spenders", "High Spenders"};
/// Of what a customer's purchases cost together: from here on the status is Medium, and High.
inline constexpr int kMediumFrom = 4000, kHighFrom = 6000;

/// Ages from the first to the last, both inclusive; other ages have no group.
struct AgeGroup {
  std::string_view name;
  int first, last;
};
inline constexpr std::array kAgeBorders = {
    AgeGroup{"Gen Z", 18, 25}, AgeGroup{"Millennials", 26, 41}, AgeGroup{"Gen X", 42, 57},
    AgeGroup{"Boomers", 58, 76}, AgeGroup{"Silent Generation", 77, 90}};
inline constexpr auto kAgeGroups = [] {
  std::array<std::string_view, kAgeBorders.size()> names;
  for (size_t i = 0; i < names.size(); ++i) names[i] = kAgeBorders[i].name;
  return names;
}();

inline constexpr std::string_view kPurchase = "Purchase", kRefund = "Refund";
inline constexpr std::array<std::string_view, 2> kTransactionCategories = {kPurchase, kRefund};

}  // namespace tarn::server::dashboard
