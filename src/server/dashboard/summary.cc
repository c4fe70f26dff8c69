// SPDX-License-Identifier: Apache-2.0
#include "server/dashboard/summary.h"

#include <initializer_list>

#include "iceberg/json/json_text.h"

namespace tarn::server::dashboard {
namespace {

using iceberg::JsonText;
using Cell = std::optional<std::string>;

void Write(const Cell& cell, JsonText& out) {
  if (cell) {
    out.String(*cell);
  } else {
    out.Raw("null");
  }
}

void WriteMember(const char* name, const Cell& cell, JsonText& out) {
  out.Key(name);
  Write(cell, out);
}

/// The first row that tells of `what`; its cells are null where there is none.
TextRow Find(const std::vector<TextRow>& rows, std::string_view what) {
  for (const TextRow& row : rows) {
    if (row.front() == what) return row;
  }
  return TextRow(5);
}

/// The cells behind the first one of all rows that tell of `what`, as objects with these members;
/// a null pointer leaves a cell out.
void WriteRows(const char* member, const std::vector<TextRow>& rows, std::string_view what,
               std::initializer_list<const char*> names, JsonText& out) {
  out.Key(member);
  out.BeginArray();
  for (const TextRow& row : rows) {
    if (row.front() != what) continue;
    out.BeginObject();
    size_t cell = 1;
    for (const char* const name : names) {
      if (name != nullptr) WriteMember(name, row.at(cell), out);
      ++cell;
    }
    out.EndObject();
  }
  out.EndArray();
}

/// What holds of the dates that were chosen, and which of them were moved. Dates compare as texts.
void WriteDates(const Filters& filters, const Cell& earliest, const Cell& today, JsonText& out) {
  const bool early = filters.start && earliest && *filters.start < *earliest;
  const bool late = filters.end && today && *filters.end > *today;
  WriteMember("earliest", earliest, out);
  WriteMember("today", today, out);
  WriteMember("start", filters.start && !early ? filters.start : earliest, out);
  WriteMember("end", filters.end && !late ? filters.end : today, out);
  out.Key("start_too_early");
  out.Bool(early);
  out.Key("end_in_future");
  out.Bool(late);
}

}  // namespace

std::string SummaryJson(const TableReader& reader, const Filters& filters,
                        const std::vector<TextRow>& rows) {
  const TextRow facts = Find(rows, "facts"), filtered = Find(rows, "filtered"),
                groups = Find(rows, "groups");
  std::string text;
  JsonText out(&text);
  out.BeginObject();
  out.Member("table", reader.table().shown);
  out.Member("version", reader.version().mark);
  out.Member("published_ms", reader.version().published_ms);
  WriteDates(filters, facts[1], facts[2], out);
  WriteMember("table_rows", facts[3], out);
  WriteMember("rows", filtered[3], out);
  WriteMember("purchases", filtered[4], out);
  WriteMember("total_spent", Find(rows, "spent")[3], out);
  WriteMember("favourite_merchant", Find(rows, "favourite")[1], out);
  WriteMember("card_count", groups[3], out);
  WriteMember("merchant_count", groups[4], out);
  WriteRows("products", rows, "products", {"name"}, out);
  WriteRows("spenders", rows, "spenders", {"status", nullptr, "customers"}, out);
  WriteRows("days", rows, "day", {"date", "category", "items"}, out);
  WriteRows("cards", rows, "card", {"name", nullptr, "transactions"}, out);
  WriteRows("categories", rows, "category", {"name", nullptr, "transactions"}, out);
  WriteRows("merchants", rows, "merchant", {"name", nullptr, "transactions", "total_price"}, out);
  out.EndObject();
  return text;
}

std::string PageJson(const TableReader& reader, const std::vector<TextRow>& rows) {
  std::string text;
  JsonText out(&text);
  out.BeginObject();
  out.Key("columns");
  out.BeginArray();
  for (const std::string& column : GridColumns(reader.table())) out.String(column);
  out.EndArray();
  out.Key("rows");
  out.BeginArray();
  for (const TextRow& row : rows) {
    out.BeginArray();
    for (const Cell& cell : row) Write(cell, out);
    out.EndArray();
  }
  out.EndArray();
  out.EndObject();
  return text;
}

std::string CustomersJson(const std::vector<TextRow>& rows) {
  std::string text;
  JsonText out(&text);
  out.BeginObject();
  out.Key("customers");
  out.BeginArray();
  for (const TextRow& row : rows) Write(row.front(), out);
  out.EndArray();
  out.EndObject();
  return text;
}

std::string ErrorJson(std::string_view kind, const warehouse::StatementError& error) {
  std::string text;
  JsonText out(&text);
  out.BeginObject();
  out.Key("error");
  out.BeginObject();
  out.Member("kind", kind);
  out.Member("message", error.error.message);
  out.Member("detail", error.error.detail);
  out.Member("hint", error.error.hint);
  out.Member("code", error.code);
  out.EndObject();
  out.EndObject();
  return text;
}

}  // namespace tarn::server::dashboard
