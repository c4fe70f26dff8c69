// SPDX-License-Identifier: Apache-2.0
#include "warehouse/connector/connector_procedures.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>

#include "sql/syntax/name.h"
#include "sql/syntax/print.h"
#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/create.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/connector/installation.h"
#include "warehouse/metastore/capture_records.h"
#include "warehouse/metastore/grants.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/scheduler/task_schedule.h"

namespace tarn::warehouse {
namespace {

using nlohmann::json;
using Names = std::vector<std::string>;
using Answer = StatementResult<std::string>;

constexpr size_t kSourceNameMax = 50;
constexpr size_t kIdentifierMax = 255;
constexpr int64_t kMinuteMs = 60'000;
constexpr int64_t kScheduleMinutesLeast = 15;
constexpr int64_t kWeekMs = int64_t{7} * 24 * 60 * kMinuteMs;

/// As procedures that are not written in SQL fail.
StatementFailure Refused(std::string message, ErrorKind kind = ErrorKind::kInvalidArgument) {
  return std::unexpected(StatementError{
      .error = {kind, std::move(message), {}, {}}, .code = "100357", .sqlstate = "P0000"});
}

/// The arguments of a call.
class Given {
 public:
  explicit Given(const ConnectorCall& call) : values_(call.values) {}

  size_t size() const { return values_.size(); }
  StatementResult<std::string> Text(size_t i, std::string_view name) const {
    const auto* text = std::get_if<std::string>(&values_[i].constant);
    if (text == nullptr || text->empty()) {
      return Refused(fmt::format("Parameter {} must not be empty.", name));
    }
    return *text;
  }
  /// Without repetitions, in order.
  StatementResult<Names> Texts(size_t i, std::string_view name) const {
    const auto* text = std::get_if<std::string>(&values_[i].constant);
    const json array = json::parse(text == nullptr ? "" : *text, nullptr, false);
    Names names;
    bool sound = array.is_array();
    for (const json& element : sound ? array : json::array()) {
      sound = sound && element.is_string();
      if (!sound) break;
      const auto& written = element.get_ref<const std::string&>();
      if (std::ranges::find(names, written) == names.end()) names.push_back(written);
    }
    if (!sound) return Refused(fmt::format("Parameter {} must be an array of texts.", name));
    return names;
  }

 private:
  std::span<const sql::bound::Expression> values_;
};

std::string WrittenName(const std::string& name) {
  return sql::syntax::IsPlainName(name) ? name : sql::syntax::QuoteName(name);
}

StatementResult<> Record(Transaction& transaction, ObjectId application, const char* action,
                         const json& parameters) {
  STATEMENT_TRY(AddApplicationEvent(
      transaction,
      {.application = application, .action = action, .parameters = StoredText(parameters)}));
  return {};
}

StatementResult<DataSource> SourceNamed(const Snapshot& snapshot, ObjectId application,
                                        const std::string& name) {
  STATEMENT_ASSIGN(auto source, FindDataSource(snapshot, application, name));
  if (source) return *std::move(source);
  return Refused(fmt::format("Data source '{}' does not exist.", name), ErrorKind::kNotFound);
}

// --- Data sources

StatementResult<> CheckSourceName(const std::string& name) {
  const auto allowed = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  if (name.size() <= kSourceNameMax && std::ranges::all_of(name, allowed)) return {};
  return Refused(
      fmt::format("Data source name '{}' is not valid: it may contain only uppercase "
                  "letters (A-Z) and decimal digits (0-9), and at most {} characters.",
                  name, kSourceNameMax));
}

StatementResult<std::string> DatabaseNamed(const std::string& written) {
  const auto name = ParseObjectName(written);
  if (!name || name->schema || name->database || name->name.size() > kIdentifierMax) {
    return Refused(fmt::format("'{}' is not the name of a database.", written));
  }
  return name->name;
}

/// It is there and the application may make schemas in it, or it is made.
StatementResult<> EnsureDatabase(Transaction& transaction, ObjectId application,
                                 const std::string& name) {
  const Caller caller{
      .user = {}, .role = application, .secondary_roles = {}, .database = {}, .schema = {}};
  STATEMENT_ASSIGN(const auto head,
                   transaction.FindNamed(kAccountId, FamilyOf(ObjectKind::kDatabase), name));
  if (!head) {
    STATEMENT_ASSIGN(
        const CreateOutcome made,
        CreateObject(transaction, caller, {.name = {.name = name}, .definition = Database{}}));
    STATEMENT_ASSIGN(const ObjectHead reader,
                     ApplicationRole(transaction, application, kApplicationReader));
    STATEMENT_TRY(AddGrant(transaction, {.object = made.id,
                                         .privilege = std::string(kUsage),
                                         .grantee = reader.id,
                                         .grantor = application}));
    return {};
  }
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(transaction, caller));
  STATEMENT_ASSIGN(const bool may, authority.Has(*head, "CREATE SCHEMA"));
  if (may && head->kind == ObjectKind::kDatabase) return {};
  STATEMENT_ASSIGN(const auto self, transaction.FindHead(application));
  auto failure =
      Refused(fmt::format("The application may not create schemas in database '{}'.", name),
              ErrorKind::kPermissionDenied);
  failure.error().error.hint =
      fmt::format("GRANT CREATE SCHEMA ON DATABASE {} TO APPLICATION {}", WrittenName(name),
                  WrittenName(self ? self->name : std::string(kConnectorName)));
  return failure;
}

/// By the third argument, where there is one.
StatementResult<std::string> ModeOf(const Given& given) {
  if (given.size() < 3) return std::string(kConnectorMode);
  STATEMENT_ASSIGN(std::string mode, given.Text(2, "MODE"));
  std::ranges::transform(mode, mode.begin(), [](unsigned char c) { return std::toupper(c); });
  if (mode == kConnectorMode || mode == kMirrorMode) return mode;
  return Refused(fmt::format("Mode '{}' is not valid: it is CONNECTOR or MIRROR.", mode));
}

Answer AddDataSource(const ConnectorCall& call) {
  const Given given(call);
  STATEMENT_ASSIGN(const std::string name, given.Text(0, "DATA_SOURCE_NAME"));
  STATEMENT_ASSIGN(const std::string written, given.Text(1, "DESTINATION_DATABASE"));
  STATEMENT_TRY(CheckSourceName(name));
  STATEMENT_ASSIGN(const std::string database, DatabaseNamed(written));
  STATEMENT_ASSIGN(const std::string mode, ModeOf(given));
  STATEMENT_TRY(call.metastore.Commit([&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_ASSIGN(const auto sources, DataSourcesOf(transaction, call.application));
    for (const DataSource& source : sources) {
      if (source.name == name) {
        return Refused(fmt::format("Data source '{}' already exists.", name),
                       ErrorKind::kAlreadyExists);
      }
      if (source.database == database) {
        return Refused(fmt::format("Database '{}' is the destination of data source '{}'.",
                                   database, source.name));
      }
    }
    STATEMENT_TRY(EnsureDatabase(transaction, call.application, database));
    STATEMENT_TRY(AddDataSource(
        transaction,
        DataSource{
            .application = call.application, .name = name, .database = database, .mode = mode}));
    json parameters = {{"data_source_name", name}, {"destination_database", database}};
    if (mode != kConnectorMode) parameters["mode"] = mode;
    return Record(transaction, call.application, "Data source added", parameters);
  }));
  return fmt::format("Data source {} successfully added.", name);
}

Answer RemoveSource(const ConnectorCall& call) {
  const Given given(call);
  STATEMENT_ASSIGN(const std::string name, given.Text(0, "DATA_SOURCE_NAME"));
  STATEMENT_TRY(call.metastore.Commit([&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_ASSIGN(const DataSource source, SourceNamed(transaction, call.application, name));
    STATEMENT_TRY(RemoveDataSource(transaction, source.id));
    return Record(transaction, call.application, "Data source removed",
                  {{"data_source_name", name}, {"destination_database", source.database}});
  }));
  return fmt::format("Data source {} successfully removed.", name);
}

// --- Tables

struct TableList {
  std::string source, schema;
  Names tables;
};

StatementResult<> CheckIdentifier(const std::string& name, const char* what) {
  if (name.size() <= kIdentifierMax && name.find('"') == std::string::npos) return {};
  return Refused(
      fmt::format("{} '{}' cannot be replicated: its name has a double quote or more "
                  "than {} characters.",
                  what, name, kIdentifierMax));
}

StatementResult<TableList> ReadTables(const ConnectorCall& call, bool one) {
  const Given given(call);
  TableList list;
  STATEMENT_ASSIGN(list.source, given.Text(0, "DATA_SOURCE_NAME"));
  STATEMENT_ASSIGN(list.schema, given.Text(1, "SCHEMA_NAME"));
  if (one) {
    STATEMENT_ASSIGN(list.tables.emplace_back(), given.Text(2, "TABLE_NAME"));
  } else {
    STATEMENT_ASSIGN(list.tables, given.Texts(2, "TABLE_NAMES"));
  }
  if (list.tables.empty() || std::ranges::count(list.tables, std::string()) > 0) {
    return Refused("Parameter TABLE_NAMES must not be empty.");
  }
  STATEMENT_TRY(CheckIdentifier(list.schema, "Schema"));
  if (list.schema == kInformationSchema) {
    return Refused("Schema 'INFORMATION_SCHEMA' cannot be replicated.");
  }
  for (const std::string& table : list.tables) STATEMENT_TRY(CheckIdentifier(table, "Table"));
  return list;
}

json NamesOf(const TableList& list, const std::string& table) {
  return {{"data_source_name", list.source}, {"schema_name", list.schema}, {"table_name", table}};
}

Answer AddListed(const ConnectorCall& call, const TableList& list, const Names& included,
                 const Names& excluded) {
  STATEMENT_TRY(call.metastore.Commit([&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_ASSIGN(const DataSource source,
                     SourceNamed(transaction, call.application, list.source));
    for (const std::string& table : list.tables) {
      STATEMENT_ASSIGN(const auto known,
                       FindCapturedTable(transaction, source.id, list.schema, table));
      if (known && known->removing) return Refused("Tables are not ready to be re-added");
      if (known) {
        return Refused(fmt::format("Table '{}.{}' is already replicated.", list.schema, table),
                       ErrorKind::kAlreadyExists);
      }
      STATEMENT_TRY(PutCapturedTable(transaction, {.data_source = source.id,
                                                   .schema = list.schema,
                                                   .table = table,
                                                   .included = included,
                                                   .excluded = excluded,
                                                   .error = {},
                                                   .added_ms = transaction.now_ms()}));
      json parameters = NamesOf(list, table);
      if (!included.empty()) parameters["included_columns"] = included;
      if (!excluded.empty()) parameters["excluded_columns"] = excluded;
      STATEMENT_TRY(Record(transaction, call.application, "Table replication enabled", parameters));
    }
    return {};
  }));
  return fmt::format("{} table(s) of data source {} successfully added.", list.tables.size(),
                     list.source);
}

Answer AddTables(const ConnectorCall& call) {
  STATEMENT_ASSIGN(const TableList list, ReadTables(call, false));
  return AddListed(call, list, {}, {});
}

Answer AddTableWithColumns(const ConnectorCall& call) {
  STATEMENT_ASSIGN(const TableList list, ReadTables(call, true));
  const Given given(call);
  STATEMENT_ASSIGN(const Names included, given.Texts(3, "INCLUDED_COLUMNS"));
  STATEMENT_ASSIGN(Names excluded, given.Texts(4, "EXCLUDED_COLUMNS"));
  for (const std::string& column : included) {
    if (std::ranges::find(excluded, column) == excluded.end()) continue;
    return Refused(fmt::format("Column '{}' is both included and excluded.", column));
  }
  if (!included.empty()) excluded.clear();
  return AddListed(call, list, included, excluded);
}

Answer RemoveListed(const ConnectorCall& call, const TableList& list) {
  STATEMENT_TRY(call.metastore.Commit([&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_ASSIGN(const DataSource source,
                     SourceNamed(transaction, call.application, list.source));
    for (const std::string& table : list.tables) {
      STATEMENT_ASSIGN(auto known, FindCapturedTable(transaction, source.id, list.schema, table));
      if (!known || known->removing) {
        return Refused(fmt::format("Table '{}.{}' is not replicated.", list.schema, table),
                       ErrorKind::kNotFound);
      }
      known->removing = true;
      STATEMENT_TRY(PutCapturedTable(transaction, *known));
      STATEMENT_TRY(Record(transaction, call.application, "Table replication disabled",
                           NamesOf(list, table)));
    }
    return {};
  }));
  return fmt::format("{} table(s) of data source {} will be removed.", list.tables.size(),
                     list.source);
}

Answer RemoveTable(const ConnectorCall& call) {
  STATEMENT_ASSIGN(const TableList list, ReadTables(call, true));
  return RemoveListed(call, list);
}

Answer RemoveTables(const ConnectorCall& call) {
  STATEMENT_ASSIGN(const TableList list, ReadTables(call, false));
  return RemoveListed(call, list);
}

// --- Schedules

StatementFailure TooOften(const std::string& schedule) {
  return Refused(fmt::format("Schedule '{}' is more frequent than every {} minutes.", schedule,
                             kScheduleMinutesLeast));
}

/// No two moments of a week are closer than the least.
StatementResult<> CheckSchedule(const std::string& schedule, int64_t now_ms) {
  const int64_t least_ms = kScheduleMinutesLeast * kMinuteMs;
  STATEMENT_ASSIGN(const TaskSchedule parsed, TaskSchedule::Parse(schedule));
  if (const auto interval = IntervalOfSchedule(schedule)) {
    if (*interval < least_ms) return TooOften(schedule);
    return {};
  }
  const int64_t begin_ms = now_ms - kWeekMs;
  auto later = parsed.DueAt(begin_ms, now_ms);
  while (later && *later > begin_ms) {
    const auto earlier = parsed.DueAt(begin_ms, *later - 1);
    if (earlier && *later - *earlier < least_ms) return TooOften(schedule);
    later = earlier;
  }
  return {};
}

Answer EnableSchedule(const ConnectorCall& call) {
  const Given given(call);
  STATEMENT_ASSIGN(const std::string name, given.Text(0, "DATA_SOURCE_NAME"));
  STATEMENT_ASSIGN(const std::string schedule, given.Text(1, "SCHEDULE"));
  STATEMENT_TRY(CheckSchedule(schedule, call.metastore.clock().NowMs()));
  STATEMENT_TRY(call.metastore.Commit([&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_ASSIGN(DataSource source, SourceNamed(transaction, call.application, name));
    source.schedule = schedule;
    source.scheduled_ms = transaction.now_ms();
    source.run_status.reset();
    source.run_ended_ms.reset();
    STATEMENT_TRY(UpdateDataSource(transaction, source));
    return Record(transaction, call.application, "Scheduled replication enabled for data source",
                  {{"data_source_name", name}, {"schedule", schedule}});
  }));
  return fmt::format("Scheduled replication of data source {} successfully enabled.", name);
}

Answer DisableSchedule(const ConnectorCall& call) {
  const Given given(call);
  STATEMENT_ASSIGN(const std::string name, given.Text(0, "DATA_SOURCE_NAME"));
  STATEMENT_TRY(call.metastore.Commit([&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_ASSIGN(DataSource source, SourceNamed(transaction, call.application, name));
    source.schedule.reset();
    source.scheduled_ms.reset();
    STATEMENT_TRY(UpdateDataSource(transaction, source));
    return Record(transaction, call.application, "Scheduled replication disabled for data source",
                  {{"data_source_name", name}});
  }));
  return fmt::format("Scheduled replication of data source {} successfully disabled.", name);
}

// --- Mail

Answer RefuseAlerts(const ConnectorCall& /*call*/) {
  return UnsupportedFeature("CONFIGURE_ALERTS and DISABLE_ALERTS: there is no mail");
}

// --- Signatures

Argument Text(const char* name) {
  return {.name = name,
          .type = {.kind = sql::DataTypeKind::kVarchar, .length = sql::kVarcharLengthDefault},
          .default_sql = std::nullopt};
}
Argument Array(const char* name) {
  return {.name = name, .type = {.kind = sql::DataTypeKind::kArray}, .default_sql = std::nullopt};
}

using Arguments = std::vector<Argument>;
Arguments SourceAndDatabase() { return {Text("DATA_SOURCE_NAME"), Text("DESTINATION_DATABASE")}; }
Arguments SourceDatabaseAndMode() {
  Arguments arguments = SourceAndDatabase();
  arguments.push_back(Text("MODE"));
  return arguments;
}
Arguments OneTable() { return {Text("DATA_SOURCE_NAME"), Text("SCHEMA_NAME"), Text("TABLE_NAME")}; }
Arguments ManyTables() {
  return {Text("DATA_SOURCE_NAME"), Text("SCHEMA_NAME"), Array("TABLE_NAMES")};
}
Arguments OneTableAndColumns() {
  Arguments arguments = OneTable();
  arguments.push_back(Array("INCLUDED_COLUMNS"));
  arguments.push_back(Array("EXCLUDED_COLUMNS"));
  return arguments;
}
Arguments SourceAndSchedule() { return {Text("DATA_SOURCE_NAME"), Text("SCHEDULE")}; }
Arguments OneSource() { return {Text("DATA_SOURCE_NAME")}; }
Arguments Alerts() {
  return {Text("NOTIFICATION_INTEGRATION"), Text("LOGS_VIEW"), Text("SCHEDULE"),
          Array("RECIPIENTS")};
}
Arguments Nothing() { return {}; }

}  // namespace

std::span<const ConnectorProcedure> ConnectorProcedures() {
  static constexpr std::array kProcedures = {
      ConnectorProcedure{"ADD_DATA_SOURCE", SourceAndDatabase, AddDataSource},
      ConnectorProcedure{"ADD_DATA_SOURCE", SourceDatabaseAndMode, AddDataSource},
      ConnectorProcedure{"ADD_TABLES", ManyTables, AddTables},
      ConnectorProcedure{"ADD_TABLE_WITH_COLUMNS", OneTableAndColumns, AddTableWithColumns},
      ConnectorProcedure{"CONFIGURE_ALERTS", Alerts, RefuseAlerts},
      ConnectorProcedure{"DISABLE_ALERTS", Nothing, RefuseAlerts},
      ConnectorProcedure{"DISABLE_SCHEDULED_REPLICATION", OneSource, DisableSchedule},
      ConnectorProcedure{"ENABLE_SCHEDULED_REPLICATION", SourceAndSchedule, EnableSchedule},
      ConnectorProcedure{"REMOVE_DATA_SOURCE", OneSource, RemoveSource},
      ConnectorProcedure{"REMOVE_TABLE", OneTable, RemoveTable},
      ConnectorProcedure{"REMOVE_TABLES", ManyTables, RemoveTables},
  };
  return kProcedures;
}

StatementResult<std::string> CallConnector(std::string_view name, const ConnectorCall& call) {
  const auto procedures = ConnectorProcedures();
  const auto procedure = std::ranges::find(procedures, name, &ConnectorProcedure::name);
  if (procedure == procedures.end()) return NoSuchObject(name);
  return procedure->run(call);
}

}  // namespace tarn::warehouse
