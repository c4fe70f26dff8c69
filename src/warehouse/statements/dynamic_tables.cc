// SPDX-License-Identifier: Apache-2.0
// CREATE and ALTER DYNAMIC TABLE (Snowflake's pages of these names).
#include "warehouse/statements/dynamic_tables.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "table/row_delta.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/dynamic/defined_table.h"
#include "warehouse/dynamic/refresh.h"
#include "warehouse/dynamic/refresh_choice.h"
#include "warehouse/dynamic/refresh_schedule.h"
#include "warehouse/dynamic/target_lag.h"
#include "warehouse/managed_tables/row_writing.h"
#include "warehouse/managed_tables/stored_columns.h"
#include "warehouse/managed_tables/table_place.h"
#include "warehouse/metastore/runs.h"
#include "warehouse/metastore/table_pointers.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/retention/purge.h"
#include "warehouse/session/failures.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"
#include "warehouse/statements/table_parameters.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

constexpr int32_t kLineageVersion = 3;

/// A CREATE at work.
struct NewDynamicTable {
  CreateRequest request;
  DynamicTable definition;
  std::string wanted_mode = "AUTO";
  std::optional<ObjectName> warehouse;
  PlaceRequest place_request;
  Place place;
  ObjectId schema;
  std::shared_ptr<const iceberg::TableMetadata> metadata;
};

StatementResult<> RefuseClauses(const syntax::CreateTable& create) {
  if (create.head.or_alter) return UnsupportedFeature("CREATE OR ALTER DYNAMIC TABLE");
  for (const std::string& modifier : create.head.modifiers) {
    if (modifier != "TRANSIENT") {
      return UnsupportedFeature("CREATE " + modifier + " DYNAMIC TABLE");
    }
  }
  if (create.copy_of) return UnsupportedFeature("CREATE DYNAMIC TABLE … CLONE");
  if (!create.cluster_by.empty()) return UnsupportedFeature("CREATE DYNAMIC TABLE with CLUSTER BY");
  if (!create.partition_by.empty() || !create.policies.empty() || !create.constraints.empty()) {
    return UnsupportedFeature("CREATE DYNAMIC TABLE with partitions, policies or constraints");
  }
  if (create.frozen_where) return UnsupportedFeature("CREATE DYNAMIC TABLE with FROZEN WHERE");
  if (create.backfill_from) return UnsupportedFeature("CREATE DYNAMIC TABLE with BACKFILL FROM");
  if (create.start_at) return UnsupportedFeature("CREATE DYNAMIC TABLE with START AT");
  if (create.execute_as_user) return UnsupportedFeature("CREATE DYNAMIC TABLE with EXECUTE AS");
  if (create.refresh_using) return UnsupportedFeature("CREATE DYNAMIC TABLE with REFRESH USING");
  if (!create.query) return CompilationError("001003", "42000", "a dynamic table needs AS <query>");
  return {};
}

StatementResult<> ReadOptions(const StatementContext& context, const syntax::CreateTable& create,
                              NewDynamicTable& table) {
  OptionReader options(context, "DYNAMIC TABLE", create.options);
  table.request.comment = options.Text("COMMENT").value_or("");
  table.request.copy_grants = options.Flag("COPY GRANTS");
  table.request.parameters = TableParameters(options);
  const std::string lag = options.RequiredText("TARGET_LAG");
  table.warehouse = options.Name("WAREHOUSE");
  table.wanted_mode =
      options.Word("REFRESH_MODE", {"AUTO", "FULL", "INCREMENTAL", "ADAPTIVE"}).value_or("AUTO");
  table.definition.initialize =
      options.Word("INITIALIZE", {"ON_CREATE", "ON_SCHEDULE"}).value_or("ON_CREATE");
  table.definition.scheduler = options.Word("SCHEDULER", {"ENABLE", "DISABLE"}).value_or("ENABLE");
  if (table.definition.declared_iceberg) {
    table.place_request.external_volume = options.Text("EXTERNAL_VOLUME");
    table.place_request.base_location = options.Text("BASE_LOCATION");
    options.Word("CATALOG", {"SNOWFLAKE"});
  }
  STATEMENT_TRY(options.Finish());
  STATEMENT_ASSIGN(table.definition.target_lag_seconds, ParseTargetLag(lag));
  if (!table.warehouse) {
    return CompilationError("002029", "42601", "Missing option(s): [WAREHOUSE]");
  }
  return {};
}

StatementResult<ObjectId> FindWarehouse(const Snapshot& snapshot, const Caller& caller,
                                        const ObjectName& name) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  STATEMENT_ASSIGN(const ObjectHead head, Resolve(snapshot, caller, authority,
                                                  ObjectKind::kWarehouse, name, "DYNAMIC TABLE"));
  STATEMENT_TRY(authority.Require(head, kUsage));
  return head.id;
}

/// Absent: it is to be made.
StatementResult<std::optional<std::string>> FindPlace(const StatementContext& context,
                                                      NewDynamicTable& table) {
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  const Snapshot& snapshot = *moment.snapshot;
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, moment.caller));
  STATEMENT_ASSIGN(table.schema,
                   ResolveContainer(snapshot, moment.caller, authority, ObjectKind::kDynamicTable,
                                    table.request.name, "CREATE DYNAMIC TABLE"));
  STATEMENT_ASSIGN(const auto schema, snapshot.FindHead(table.schema));
  if (!schema) return NoSuchObject(table.request.name.Written());
  STATEMENT_ASSIGN(const auto database, snapshot.FindHead(schema->container));
  if (!database) return NoSuchObject(table.request.name.Written());
  table.place = {.database = *database, .schema = *schema};
  STATEMENT_ASSIGN(table.definition.warehouse,
                   FindWarehouse(snapshot, moment.caller, *table.warehouse));
  STATEMENT_ASSIGN(const auto existing,
                   snapshot.FindNamed(table.schema, FamilyOf(ObjectKind::kDynamicTable),
                                      table.request.name.name));
  if (!existing || table.request.on_existing == OnExisting::kReplace) return std::nullopt;
  if (table.request.on_existing == OnExisting::kFail) {
    return AlreadyExists(table.request.name.Written());
  }
  return fmt::format("{} already exists, statement succeeded.", table.request.name.name);
}

StatementResult<> NameColumns(const syntax::CreateTable& create,
                              const std::vector<ResultColumn>& shown,
                              std::vector<Column>& columns) {
  if (!create.columns.empty() && create.columns.size() != shown.size()) {
    return CompilationError("002026", "42601", "Invalid column definition list");
  }
  std::set<std::string> names;
  for (size_t i = 0; i < shown.size(); ++i) {
    Column column{.name = shown[i].name, .type = shown[i].type};
    if (!create.columns.empty()) {
      if (create.columns[i].type) {
        return UnsupportedFeature("types of the columns of a dynamic table");
      }
      column.name = create.columns[i].name.Canonical();
      column.comment = create.columns[i].comment.value_or("");
    }
    if (!names.insert(column.name).second) {
      return CompilationError("002025", "42S21",
                              fmt::format("duplicate column name '{}'", column.name));
    }
    columns.push_back(std::move(column));
  }
  return {};
}

/// The session that the definition is read in: the new owner's, where the table will lie.
SessionState ReadingState(const StatementContext& context, const NewDynamicTable& table) {
  SessionState state = *context.session;
  state.variables.clear();
  state.view = nullptr;
  state.id = Uuid::Random();  // it reads nothing that is a session's own
  state.database = table.place.database.name;
  state.schema = table.place.schema.name;
  return state;
}

StatementResult<> MakeMetadata(const StatementContext& context, NewDynamicTable& table) {
  table.place_request.table_uuid = Uuid::Random();
  table.place_request.table = table.request.name.name;
  table.place_request.declared_iceberg = table.definition.declared_iceberg;
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  STATEMENT_ASSIGN(TablePlace place,
                   PlaceOfNewTable(*context.account, *moment.snapshot, moment.caller, table.place,
                                   table.place_request));
  STATEMENT_ASSIGN(iceberg::Schema schema, SchemaOfColumns(table.definition.columns));
  STATEMENT_ASSIGN(iceberg::TableMetadata metadata,
                   iceberg::NewTableMetadata(table.place_request.table_uuid,
                                             std::move(place.location), std::move(schema), {},
                                             {{"write.parquet.compression-codec", "zstd"}},
                                             context.account->clock().NowMs(), kLineageVersion));
  table.metadata = std::make_shared<const iceberg::TableMetadata>(std::move(metadata));
  return {};
}

PinnedTable Pinned(const NewDynamicTable& table) {
  return {.head = {.kind = ObjectKind::kDynamicTable, .name = table.request.name.name},
          .database = table.place.database.name,
          .schema = table.place.schema.name,
          .definition = AsTable(table.definition),
          .loaded = {"", table.metadata}};
}

/// 002711 for INCREMENTAL where it cannot be.
StatementResult<> ChooseMode(const QueryContext& reading, NewDynamicTable& table) {
  DynamicTable& definition = table.definition;
  if (table.wanted_mode == "FULL") {
    definition.refresh_mode = "FULL";
    definition.refresh_mode_reason = "USER_SPECIFIED_FULL_REFRESH";
    return {};
  }
  STATEMENT_ASSIGN(const auto why, WhyNotIncremental(reading, definition.query, Pinned(table)));
  if (!why) {
    definition.refresh_mode = table.wanted_mode == "ADAPTIVE" ? "ADAPTIVE" : "INCREMENTAL";
    return {};
  }
  if (table.wanted_mode != "AUTO") {
    return std::unexpected(StatementError{
        .error = {ErrorKind::kUnsupported,
                  fmt::format("Dynamic Table '{}' cannot be created because its query is not "
                              "supported for incremental refresh: {}",
                              table.request.name.name, *why),
                  {},
                  {}},
        .code = "002711",
        .sqlstate = "0A000"});
  }
  definition.refresh_mode = "FULL";
  definition.refresh_mode_reason = *why;
  return {};
}

/// The first rows, as parts of the first commit.
StatementResult<RefreshReport> WriteFirstRows(const QueryContext& reading,
                                              const NewDynamicTable& table,
                                              SessionTransaction& transaction,
                                              table::TableChange& change) {
  const auto began = std::chrono::steady_clock::now();
  const PinnedTable pinned = Pinned(table);
  STATEMENT_ASSIGN(const DefinedTable defined,
                   BindDefinition(reading, table.definition.query, pinned));
  STATEMENT_ASSIGN(WrittenRows written, WriteRows(reading, pinned, defined.bound, transaction));
  STATEMENT_TRY(table::AddDataFiles(reading.account->tables(), transaction.writer(), pinned.loaded,
                                    change.snapshot_id,
                                    {.files = std::move(written.files),
                                     .partition_spec_id = table.metadata->default_spec_id,
                                     .data_sequence_number = std::nullopt},
                                    written.next_ordinal, change.changes));
  change.changes.set_properties =
      ToProperties(FrontierOf(defined.bound.query, defined.moment_ms, table.definition.query));
  return RefreshReport{.action = RefreshAction::kReinitialize,
                       .inserted_rows = written.rows,
                       .data_timestamp_ms = defined.moment_ms,
                       .source_rows = CountSourceRows(defined, {}).all,
                       .execution_us = std::chrono::duration_cast<std::chrono::microseconds>(
                                           std::chrono::steady_clock::now() - began)
                                           .count()};
}

StatementResult<> RecordCreation(Transaction& objects, ObjectId id, const StatementContext& context,
                                 const RefreshReport& report) {
  STATEMENT_ASSIGN(std::string name, objects.QualifiedName(id));
  RunRecord run{.kind = std::string(kRefreshRun),
                .object = id,
                .object_name = std::move(name),
                .root = id,
                .trigger = std::string(ToString(RefreshTrigger::kCreation)),
                .state = "SUCCEEDED",
                .scheduled_ms = report.data_timestamp_ms,
                .started_ms = report.data_timestamp_ms,
                .ended_ms = objects.now_ms(),
                .query_id = context.query_id.ToString(),
                .details = StatisticsOf(report, RefreshTrigger::kCreation)};
  STATEMENT_TRY(RecordRun(objects, std::move(run)));
  return {};
}

StatementResult<std::string> Publish(const StatementContext& context, NewDynamicTable& table,
                                     table::TableChange change, SessionTransaction& transaction,
                                     const std::optional<RefreshReport>& report) {
  std::string status;
  bool kept = false;
  if (report) table.definition.data_timestamp_ms = report->data_timestamp_ms;
  table.request.definition = table.definition;
  const auto made =
      transaction.CommitCreated(std::move(change), [&](Transaction& objects) -> StatementResult<> {
        STATEMENT_ASSIGN(const Caller caller, CallerOf(objects, *context.session));
        STATEMENT_ASSIGN(const CreateOutcome outcome, CreateObject(objects, caller, table.request));
        status = outcome.status;
        kept = outcome.result == CreateResult::kKept;
        if (kept) return AlreadyExists(table.request.name.Written());
        STATEMENT_TRY(
            RefuseDyingPlace(*context.account->tables().journal, table.metadata->location));
        STATEMENT_TRY(SetPointer(objects, {.id = outcome.id,
                                           .table_uuid = table.metadata->table_uuid,
                                           .location = table.metadata->location,
                                           .metadata_location = {},
                                           .published_ms = 0}));
        return report ? RecordCreation(objects, outcome.id, context, *report) : StatementResult<>();
      });
  if (!made && !kept) return std::unexpected(made.error());
  return status;
}

StatementResult<> RefreshNow(StatementContext& context, const syntax::AlterObject& alter) {
  std::vector<syntax::ObjectName> names;
  if (alter.name) names.push_back(*alter.name);
  names.insert(names.end(), alter.more_names.begin(), alter.more_names.end());
  for (const syntax::ObjectName& written : names) {
    STATEMENT_ASSIGN(const ObjectName name, NameOf(context, written));
    ObjectHead head;
    RefreshTrigger trigger = RefreshTrigger::kManual;
    {
      STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
      STATEMENT_ASSIGN(const Authority authority, Authority::Of(*moment.snapshot, moment.caller));
      STATEMENT_ASSIGN(head, Resolve(*moment.snapshot, moment.caller, authority,
                                     ObjectKind::kDynamicTable, name, "DYNAMIC TABLE"));
      STATEMENT_TRY(authority.Require(head, kOperate));
      STATEMENT_ASSIGN(const std::string qualified, moment.snapshot->QualifiedName(head.id));
      // The scheduler's session names what it is for.
      if (context.session->task == qualified) trigger = RefreshTrigger::kScheduled;
    }
    QueryContext query = context.query();
    query.transaction = nullptr;
    STATEMENT_TRY(RefreshTable(
        query, {.table = head.id, .trigger = trigger, .query_id = context.query_id.ToString()}));
  }
  return {};
}

StatementResult<> AlterOptions(const StatementContext& context, Alteration& alteration,
                               DynamicTable& table, const syntax::SetOptions& set) {
  OptionReader options(context, "DYNAMIC TABLE", set.options);
  const auto lag = options.Text("TARGET_LAG");
  const auto warehouse = options.Name("WAREHOUSE");
  const auto scheduler = options.Word("SCHEDULER", {"ENABLE", "DISABLE"});
  alteration.comment = options.Text("COMMENT");
  alteration.parameters = TableParameters(options);
  STATEMENT_TRY(options.Finish());
  if (lag) {
    STATEMENT_ASSIGN(table.target_lag_seconds, ParseTargetLag(*lag));
  }
  if (warehouse) {
    STATEMENT_ASSIGN(table.warehouse,
                     FindWarehouse(alteration.transaction, alteration.caller, *warehouse));
  }
  if (scheduler) table.scheduler = *scheduler;
  return {};
}

}  // namespace

Outcome CreateDynamicTable(StatementContext& context, const syntax::CreateTable& create) {
  STATEMENT_TRY(RefuseClauses(create));
  NewDynamicTable table;
  STATEMENT_ASSIGN(table.request, HeadOf(context, create.head));
  table.definition.declared_iceberg = create.head.kind == syntax::ObjectKind::kDynamicIcebergTable;
  table.definition.transient = !create.head.modifiers.empty();
  STATEMENT_TRY(ReadOptions(context, create, table));
  STATEMENT_ASSIGN(const auto existing, FindPlace(context, table));
  if (existing) return StatementOutcome{.status = *existing};
  table.definition.text = context.text;
  const syntax::Span span = create.query->span;
  table.definition.query = context.text.substr(span.begin, span.end - span.begin);
  const SessionState state = ReadingState(context, table);
  QueryContext reading = context.query();
  reading.session = &state;
  reading.transaction = nullptr;
  STATEMENT_ASSIGN(const auto shown, ColumnsOfDefinition(reading, table.definition.query));
  STATEMENT_TRY(NameColumns(create, shown, table.definition.columns));
  STATEMENT_TRY(MakeMetadata(context, table));
  STATEMENT_TRY(ChooseMode(reading, table));
  SessionTransaction transaction(*context.account, TransactionExtent::kStatement);
  transaction.BeginStatement(context.query_id);
  table::TableChange change{
      .table = {{table.place.database.name, table.place.schema.name}, table.request.name.name},
      .created = table.metadata,
      .snapshot_id = iceberg::NewSnapshotId(table.metadata.get())};
  std::optional<RefreshReport> report;
  if (table.definition.initialize == "ON_CREATE") {
    STATEMENT_ASSIGN(report, WriteFirstRows(reading, table, transaction, change));
  }
  StatementOutcome outcome;
  STATEMENT_ASSIGN(outcome.status, Publish(context, table, std::move(change), transaction, report));
  return outcome;
}

Outcome AlterDynamicTable(StatementContext& context, const syntax::AlterObject& alter) {
  const bool refreshes = alter.actions.size() == 1 &&
                         std::holds_alternative<syntax::Perform>(alter.actions[0]) &&
                         std::get<syntax::Perform>(alter.actions[0]).verb == "REFRESH";
  if (refreshes) {
    STATEMENT_TRY(RefreshNow(context, alter));
    return Executed();
  }
  return AlterByActions<DynamicTable>(
      context, alter,
      [&](Alteration& alteration, DynamicTable& table,
          const syntax::AlterAction& action) -> StatementResult<> {
        if (const auto* set = std::get_if<syntax::SetOptions>(&action)) {
          return AlterOptions(context, alteration, table, *set);
        }
        const auto* perform = std::get_if<syntax::Perform>(&action);
        if (perform == nullptr) return UnsupportedClause(alter);
        if (perform->verb == "SUSPEND") {
          return SuspendTable(context.account->tables(), alteration.transaction, alteration.head.id,
                              table, "USER_SUSPENDED");
        }
        if (perform->verb == "RESUME") {
          return ResumeTable(context.account->tables(), alteration.transaction, alteration.head.id,
                             table);
        }
        return UnsupportedClause(alter);
      });
}

}  // namespace tarn::warehouse
