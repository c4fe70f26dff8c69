// SPDX-License-Identifier: Apache-2.0
#include "cli/capture/warehouse_captures.h"

#include <cstdlib>
#include <map>

#include "cli/warehouse_login.h"
#include "warehouse/connector/installation.h"

namespace tarn::cli {
namespace {

using capture::SourceName;

/// Keeps rows in place of printing them.
class RowKeeper final : public ResultWriter {
 public:
  void Begin(const std::vector<ShownColumn>& columns, std::string&) override {
    (void)columns;
    rows.clear();
  }
  void Row(const ShownRow& row, std::string&) override {
    auto& kept = rows.emplace_back();
    for (const auto& value : row) {
      kept.push_back(value ? std::optional<std::string>(*value) : std::nullopt);
    }
  }
  void End(std::string&) override {}

  std::vector<std::vector<std::optional<std::string>>> rows;
};

std::string Literal(std::string_view text) {
  std::string literal = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') literal += '\\';
    literal += c;
  }
  return literal + "'";
}

std::string Identifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

std::string Public(std::string_view name) {
  return fmt::format("{}.PUBLIC.{}", warehouse::kConnectorName, name);
}

int64_t Number(const std::optional<std::string>& text) {
  return text ? std::strtoll(text->c_str(), nullptr, 10) : 0;
}
std::optional<double> Seconds(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  return std::strtod(text->c_str(), nullptr);
}
/// As PostgreSQL's drivers, and as Snowflake's clients get truth values.
bool True(const std::optional<std::string>& text) {
  return text && (*text == "t" || *text == "true");
}

}  // namespace

Result<WarehouseCaptures> WarehouseCaptures::Connect(const std::string& data) {
  TARN_ASSIGN(const WarehouseLogin login, FindLogin(data));
  TARN_ASSIGN(auto client, SqlClient::Connect({.host = login.status.listen.host,
                                               .port = login.status.listen.port,
                                               .user = kWarehouseUser,
                                               .password = login.password,
                                               .database = {},
                                               .role = "ACCOUNTADMIN"}));
  return WarehouseCaptures(std::move(client));
}

Result<std::vector<WarehouseCaptures::Row>> WarehouseCaptures::Run(const std::string& statement) {
  RowKeeper keeper;
  if (const auto failure = client_->Run(statement, keeper)) {
    return std::unexpected(
        Error{client_->is_connected() ? ErrorKind::kInvalidArgument : ErrorKind::kUnavailable,
              failure->message, failure->detail, failure->hint});
  }
  return std::move(keeper.rows);
}

Result<std::vector<CapturedSourceState>> WarehouseCaptures::Sources() {
  TARN_ASSIGN(const auto rows,
              Run("SELECT NAME, MODE, DESTINATION_DB_NAME, CONNECTED, TABLES, LAG_SECONDS, "
                  "LAG_BYTES, SLOT_RETAINED_BYTES, LAST_ERROR FROM " +
                  Public("CAPTURE_SOURCES") + " ORDER BY NAME"));
  std::vector<CapturedSourceState> sources;
  for (const Row& row : rows) {
    sources.push_back({.name = row[0].value_or(""),
                       .mode = row[1].value_or(""),
                       .database = row[2].value_or(""),
                       .connected = True(row[3]),
                       .tables = Number(row[4]),
                       .lag_seconds = Seconds(row[5]),
                       .lag_bytes = Number(row[6]),
                       .slot_retained_bytes = Number(row[7]),
                       .error = row[8].value_or("")});
  }
  return sources;
}

Result<std::vector<CapturedTableState>> WarehouseCaptures::Tables(const std::string& source) {
  TARN_ASSIGN(const auto rows,
              Run("SELECT DATA_SOURCE_NAME, SCHEMA_NAME, TABLE_NAME, STATE, ROWS_COPIED, "
                  "ROWS_ESTIMATED, ROWS_INSERTED + ROWS_UPDATED + ROWS_DELETED, ROWS_PER_SECOND, "
                  "LAG_SECONDS, LAST_ERROR FROM " +
                  Public("CAPTURE_TABLES") + " WHERE DATA_SOURCE_NAME = " + Literal(source) +
                  " ORDER BY SCHEMA_NAME, TABLE_NAME"));
  std::vector<CapturedTableState> tables;
  for (const Row& row : rows) {
    CapturedTableState& table = tables.emplace_back();
    table = {.source = row[0].value_or(""),
             .name = {row[1].value_or(""), row[2].value_or("")},
             .state = row[3].value_or(""),
             .rows_copied = Number(row[4]),
             .rows_estimated = {},
             .rows_applied = Number(row[6]),
             .rows_per_second = Seconds(row[7]).value_or(0),
             .lag_seconds = Seconds(row[8]),
             .error = row[9].value_or("")};
    if (row[5]) table.rows_estimated = Number(row[5]);
  }
  return tables;
}

Result<> WarehouseCaptures::AddMirror(const std::string& source, const std::string& database) {
  const std::string quoted = Identifier(database);
  const std::string call = fmt::format("CALL {}({}, {}, 'MIRROR')", Public("ADD_DATA_SOURCE"),
                                       Literal(source), Literal(quoted));
  const auto added = Run(call);
  if (added) return {};
  // One that is there already belongs to somebody, who says by this command that it may.
  if (added.error().message.find("may not create schemas") == std::string::npos) {
    return std::unexpected(added.error());
  }
  TARN_TRY(Run(fmt::format("GRANT CREATE SCHEMA ON DATABASE {} TO APPLICATION {}", quoted,
                           warehouse::kConnectorName)));
  TARN_TRY(Run(call));
  return {};
}

Result<> WarehouseCaptures::AddTables(const std::string& source,
                                      const std::vector<SourceName>& tables) {
  std::map<std::string, std::string> by_schema;
  for (const SourceName& name : tables) {
    std::string& list = by_schema[name.schema];
    list += (list.empty() ? "" : ", ") + Literal(name.table);
  }
  for (const auto& [schema, list] : by_schema) {
    TARN_TRY(Run(fmt::format("CALL {}({}, {}, ARRAY_CONSTRUCT({}))", Public("ADD_TABLES"),
                             Literal(source), Literal(schema), list)));
  }
  return {};
}

Result<> WarehouseCaptures::Remove(const std::string& source) {
  TARN_TRY(Run(fmt::format("CALL {}({})", Public("REMOVE_DATA_SOURCE"), Literal(source))));
  return {};
}

}  // namespace tarn::cli
