// SPDX-License-Identifier: Apache-2.0
#include "server/dashboard/filters.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <span>

#include "server/dashboard/spending_groups.h"

namespace tarn::server::dashboard {
namespace {

using nlohmann::json;

constexpr size_t kTextMax = 1000;
constexpr int64_t kLimitMax = 1000;
constexpr size_t kDateLength = 10;

Result<std::optional<std::string>> TextOf(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return std::optional<std::string>();
  if (!found->is_string() || found->get_ref<const std::string&>().size() > kTextMax) {
    return Fail(ErrorKind::kInvalidArgument, "\"{}\" is no text, or too long", name);
  }
  return found->get<std::string>();
}

Result<std::optional<std::string>> ChoiceOf(const json& object, const char* name,
                                            std::span<const std::string_view> choices) {
  TARN_ASSIGN(auto text, TextOf(object, name));
  if (!text || std::ranges::find(choices, *text) != choices.end()) return text;
  return Fail(ErrorKind::kInvalidArgument, "\"{}\" cannot be \"{}\"", name, *text);
}

std::optional<int> DigitsOf(std::string_view text) {
  int number = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || at != end || number < 0) return std::nullopt;
  return number;
}

bool IsDate(std::string_view text) {
  if (text.size() != kDateLength || text[4] != '-' || text[7] != '-') return false;
  const auto year = DigitsOf(text.substr(0, 4)), month = DigitsOf(text.substr(5, 2)),
             day = DigitsOf(text.substr(8, 2));
  if (!year || !month || !day) return false;
  return std::chrono::year_month_day(std::chrono::year(*year),
                                     std::chrono::month(static_cast<unsigned>(*month)),
                                     std::chrono::day(static_cast<unsigned>(*day)))
      .ok();
}

Result<std::optional<std::string>> DateOf(const json& object, const char* name) {
  TARN_ASSIGN(auto text, TextOf(object, name));
  if (!text || IsDate(*text)) return text;
  return Fail(ErrorKind::kInvalidArgument, "\"{}\" is no date: \"{}\"", name, *text);
}

Result<json> MemberObject(const json& body, const char* name,
                          std::initializer_list<std::string_view> members) {
  const auto found = body.find(name);
  if (found == body.end()) return json::object();
  if (!found->is_object()) return Fail(ErrorKind::kInvalidArgument, "\"{}\" is no object", name);
  for (const auto& [member, value] : found->items()) {
    if (std::ranges::find(members, member) == members.end()) {
      return Fail(ErrorKind::kInvalidArgument, "there is no \"{}\" in \"{}\"", member, name);
    }
  }
  return *found;
}

Result<int64_t> CountOf(const json& object, const char* name, int64_t otherwise, int64_t most) {
  const auto found = object.find(name);
  if (found == object.end()) return otherwise;
  if (!found->is_number_integer() || found->get<int64_t>() < 0 || found->get<int64_t>() > most) {
    return Fail(ErrorKind::kInvalidArgument, "\"{}\" is no number from 0 to {}", name, most);
  }
  return found->get<int64_t>();
}

}  // namespace

Result<Filters> ReadFilters(const json& body) {
  TARN_ASSIGN(const json given,
              MemberObject(body, "filters",
                           {"spend_status", "age_group", "start", "end", "customer",
                            "transaction_category", "product_category"}));
  Filters filters;
  TARN_ASSIGN(filters.spend_status, ChoiceOf(given, "spend_status", kSpendStatuses));
  TARN_ASSIGN(filters.age_group, ChoiceOf(given, "age_group", kAgeGroups));
  TARN_ASSIGN(filters.start, DateOf(given, "start"));
  TARN_ASSIGN(filters.end, DateOf(given, "end"));
  TARN_ASSIGN(filters.customer, TextOf(given, "customer"));
  TARN_ASSIGN(filters.transaction_category,
              ChoiceOf(given, "transaction_category", kTransactionCategories));
  TARN_ASSIGN(filters.product_category, TextOf(given, "product_category"));
  return filters;
}

Result<PageRequest> ReadPage(const json& body) {
  TARN_ASSIGN(const json given,
              MemberObject(body, "page", {"sort", "descending", "offset", "limit"}));
  PageRequest page;
  TARN_ASSIGN(const auto sort, TextOf(given, "sort"));
  page.sort = sort.value_or("");
  if (const auto found = given.find("descending"); found != given.end()) {
    if (!found->is_boolean()) {
      return Fail(ErrorKind::kInvalidArgument, "\"descending\" is neither true nor false");
    }
    page.descending = found->get<bool>();
  }
  TARN_ASSIGN(page.offset, CountOf(given, "offset", page.offset, INT64_MAX));
  TARN_ASSIGN(page.limit, CountOf(given, "limit", page.limit, kLimitMax));
  return page;
}

}  // namespace tarn::server::dashboard
