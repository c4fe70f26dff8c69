// SPDX-License-Identifier: Apache-2.0
#include "server/dashboard/questions.h"

#include <algorithm>

#include "server/dashboard/spending_groups.h"
#include "sql/syntax/print.h"

namespace tarn::server::dashboard {
namespace {

/// Names of our own, which no column of the table has.
constexpr std::string_view kAgeGroup = "\"dashboard: age group\"";
constexpr std::string_view kStatus = "\"dashboard: spend status\"";

std::string AgeGroupOf(const std::string& age) {
  std::string text = "CASE";
  for (const AgeGroup& group : kAgeBorders) {
    text += fmt::format(" WHEN {0} >= {1} AND {0} <= {2} THEN '{3}'", age, group.first, group.last,
                        group.name);
  }
  return text + " END";
}

std::string StatusOf(std::string_view spent) {
  return fmt::format(
      "CASE WHEN {0} < {1} THEN '{3}' WHEN {0} >= {1} AND {0} < {2} THEN '{4}' ELSE '{5}' END",
      spent, kMediumFrom, kHighFrom, kSpendStatuses[0], kSpendStatuses[1], kSpendStatuses[2]);
}

/// The conditions of the filters on `labelled`. A customer's status comes from all of the table's
/// rows, so that no other filter changes it.
std::string Conditions(const SourceTable& table, const Filters& filters,
                       std::vector<std::string>& values) {
  const std::string date = table.Of(Meaning::kTransactionDate) + "::DATE";
  std::string text;
  const auto add = [&](std::string_view condition, const std::optional<std::string>& value) {
    if (!value) return;
    text += fmt::format(" AND {}", condition);
    values.push_back(*value);
  };
  add(fmt::format("{} = ?", kStatus), filters.spend_status);
  add(fmt::format("{} = ?", kAgeGroup), filters.age_group);
  // Nothing lies before the earliest date, so an earlier start needs no other condition.
  add(fmt::format("{} >= ?::DATE", date), filters.start);
  add(fmt::format("{} <= ?::DATE", date), filters.end);
  add(fmt::format("{}::VARCHAR = ?", table.Of(Meaning::kCustomerId)), filters.customer);
  add(fmt::format("{} = ?", table.Of(Meaning::kTransactionCategory)), filters.transaction_category);
  add(fmt::format("{} = ?", table.Of(Meaning::kProductCategory)), filters.product_category);
  return fmt::format("{} <= CURRENT_DATE(){}", date, text);
}

/// The common tables `source`, `labelled` and `filtered` of every question.
Question Begin(const SourceTable& table, const Filters& filters) {
  Question question;
  const std::string spent = fmt::format("SUM({})", table.Of(Meaning::kTotalPrice));
  const std::string conditions = Conditions(table, filters, question.values);
  question.sql = fmt::format(
      "WITH source AS (SELECT * FROM {table}),\n"
      "spending AS (SELECT {customer} AS spender, {status} AS status FROM source\n"
      "  WHERE {kind} = '{purchase}' GROUP BY {customer}),\n"
      "labelled AS (SELECT s.*, {age_group} AS {age_name}, p.status AS {status_name}\n"
      "  FROM source s LEFT JOIN spending p ON s.{customer} = p.spender),\n"
      "filtered AS (SELECT * FROM labelled WHERE {conditions})\n",
      fmt::arg("table", table.sql_name), fmt::arg("customer", table.Of(Meaning::kCustomerId)),
      fmt::arg("status", StatusOf(spent)),
      fmt::arg("kind", table.Of(Meaning::kTransactionCategory)), fmt::arg("purchase", kPurchase),
      fmt::arg("age_group", AgeGroupOf("s." + table.Of(Meaning::kCustomerAge))),
      fmt::arg("age_name", kAgeGroup), fmt::arg("status_name", kStatus),
      fmt::arg("conditions", conditions));
  return question;
}

/// One part of the summary: five expressions, and where they come from.
std::string Part(std::string_view what, std::string_view name, std::string_view second,
                 std::string_view number, std::string_view other, std::string_view rest) {
  const auto text = [](std::string_view expression) {
    return expression.empty() ? std::string("NULL::VARCHAR")
                              : fmt::format("({})::VARCHAR", expression);
  };
  return fmt::format("SELECT '{}', {}, {}, {}, {} {}", what, text(name), text(second), text(number),
                     text(other), rest);
}

/// Groups of the filtered rows by one column, the largest first.
std::string Groups(std::string_view what, const std::string& column, std::string_view other) {
  return Part(what, "name", "", "transactions", "other",
              fmt::format("FROM (SELECT {0} AS name, COUNT(*) AS transactions, {1} AS other FROM "
                          "filtered GROUP BY {0} ORDER BY transactions DESC, name LIMIT {2})",
                          column, other, kGroupsMax));
}

std::string DateText(std::string_view date) {
  return fmt::format("TO_VARCHAR(({})::DATE, 'YYYY-MM-DD')", date);
}

}  // namespace

Question SummaryQuestion(const SourceTable& table, const Filters& filters) {
  Question question = Begin(table, filters);
  const std::string &price = table.Of(Meaning::kTotalPrice),
                    &kind = table.Of(Meaning::kTransactionCategory),
                    &date = table.Of(Meaning::kTransactionDate),
                    &card = table.Of(Meaning::kTransactionCard),
                    &merchant = table.Of(Meaning::kMerchantName),
                    &product = table.Of(Meaning::kProductCategory);
  const std::string is_purchase = fmt::format("{} = '{}'", kind, kPurchase);
  const std::string sum = fmt::format("SUM({})", price);
  const std::vector<std::string> parts = {
      Part("facts", DateText(fmt::format("MIN({})", date)), DateText("CURRENT_DATE()"), "COUNT(*)",
           "", "FROM source"),
      Part("filtered", "", "", "COUNT(*)", fmt::format("COUNT_IF({})", is_purchase),
           "FROM filtered"),
      Part("spent", "", "", fmt::format("COALESCE({}, 0)", sum), "",
           "FROM filtered WHERE " + is_purchase),
      Part("products", product, "", "", "",
           fmt::format("FROM source WHERE {0} IS NOT NULL GROUP BY {0}", product)),
      Part("spenders", "status", "", "COUNT(*)", "",
           fmt::format("FROM (SELECT {} AS status FROM filtered WHERE {} GROUP BY {} HAVING {} > "
                       "0) GROUP BY status",
                       StatusOf(sum), is_purchase, table.Of(Meaning::kCustomerId), sum)),
      Part("day", DateText("day"), "kind", "items", "",
           fmt::format("FROM (SELECT {0}::DATE AS day, {1} AS kind, SUM({2}) AS items FROM "
                       "filtered GROUP BY {0}::DATE, {1})",
                       date, kind, table.Of(Meaning::kQuantity))),
      Groups("card", card, "NULL"),
      Groups("category", product, "NULL"),
      Groups("merchant", merchant, sum),
      Part("groups", "", "", fmt::format("COUNT(DISTINCT {})", card),
           fmt::format("COUNT(DISTINCT {})", merchant), "FROM filtered"),
      Part("favourite", "name", "", "", "",
           fmt::format("FROM (SELECT {0} AS name, {1} AS spent FROM filtered GROUP BY {0} ORDER BY "
                       "spent DESC NULLS LAST, name LIMIT 1)",
                       merchant, sum))};
  for (size_t i = 0; i < parts.size(); ++i) {
    question.sql += (i == 0 ? "" : "\nUNION ALL ") + parts[i];
  }
  return question;
}

std::vector<std::string> GridColumns(const SourceTable& table) {
  std::vector<std::string> columns = table.columns;
  columns.emplace_back("AGE_GROUP");
  columns.emplace_back("SPEND_STATUS");
  return columns;
}

Result<Question> PageQuestion(const SourceTable& table, const Filters& filters,
                              const PageRequest& page) {
  const std::vector<std::string> shown = GridColumns(table);
  std::vector<std::string> expressions;
  for (const std::string& column : table.columns)
    expressions.push_back(sql::syntax::QuoteName(column));
  expressions.emplace_back(kAgeGroup);
  expressions.emplace_back(kStatus);
  const std::string& id = table.Of(Meaning::kTransactionId);
  std::string order = fmt::format("{} DESC, {} DESC, {}", table.Of(Meaning::kTransactionDate),
                                  table.Of(Meaning::kTransactionTime), id);
  if (!page.sort.empty()) {
    const auto found = std::ranges::find(shown, page.sort);
    if (found == shown.end()) {
      return Fail(ErrorKind::kInvalidArgument, "the table has no column \"{}\" to sort by",
                  page.sort);
    }
    order =
        fmt::format("{} {} NULLS LAST, {}", expressions[static_cast<size_t>(found - shown.begin())],
                    page.descending ? "DESC" : "ASC", id);
  }
  Question question = Begin(table, filters);
  question.sql += "SELECT ";
  for (size_t i = 0; i < expressions.size(); ++i) {
    question.sql += fmt::format("{}{}::VARCHAR", i == 0 ? "" : ", ", expressions[i]);
  }
  question.sql +=
      fmt::format(" FROM filtered ORDER BY {} LIMIT {} OFFSET {}", order, page.limit, page.offset);
  return question;
}

Question CustomersQuestion(const SourceTable& table, std::string begins, int limit) {
  return {.sql = fmt::format("SELECT id FROM (SELECT DISTINCT {}::VARCHAR AS id FROM {}) WHERE "
                             "STARTSWITH(id, ?) ORDER BY LENGTH(id), id LIMIT {}",
                             table.Of(Meaning::kCustomerId), table.sql_name, limit),
          .values = {std::move(begins)}};
}

}  // namespace tarn::server::dashboard
