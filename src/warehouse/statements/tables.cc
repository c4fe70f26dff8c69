// SPDX-License-Identifier: Apache-2.0
// CREATE TABLE and CREATE ICEBERG TABLE of tables that the warehouse writes (Snowflake, "CREATE
// TABLE", "CREATE ICEBERG TABLE (Snowflake as the Iceberg catalog)").
#include <algorithm>

#include "table/row_delta.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/managed_tables/row_writing.h"
#include "warehouse/managed_tables/stored_columns.h"
#include "warehouse/managed_tables/table_place.h"
#include "warehouse/metastore/table_pointers.h"
#include "warehouse/metastore/table_publisher.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/retention/purge.h"
#include "warehouse/session/failures.h"
#include "warehouse/statements/changed_table.h"
#include "warehouse/statements/column_definitions.h"
#include "warehouse/statements/dynamic_tables.h"
#include "warehouse/statements/iceberg_tables.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"
#include "warehouse/statements/table_parameters.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

constexpr const char* kFileSize = "write.target-file-size-bytes";
constexpr int64_t kMebibyte = 1024 * 1024;
constexpr int32_t kLineageVersion = 3;

/// A CREATE TABLE at work.
struct NewTable {
  CreateRequest request;
  Table definition;
  PlaceRequest place_request;
  Place place;
  std::shared_ptr<const iceberg::TableMetadata> metadata;
  std::map<std::string, std::string> properties = {{"write.parquet.compression-codec", "zstd"}};
  int32_t format_version = iceberg::kDefaultFormatVersion;
  /// Of CTAS: as the query gives them.
  std::vector<sql::DataType> types;
  std::vector<std::string> names;
};

StatementResult<> RefuseClauses(const syntax::CreateTable& create) {
  using Kind = syntax::ObjectKind;
  const std::string kind(syntax::ToString(create.head.kind));
  if (create.head.kind != Kind::kTable && create.head.kind != Kind::kIcebergTable) {
    return UnsupportedFeature("CREATE " + kind);
  }
  if (create.head.or_alter) return UnsupportedFeature("CREATE OR ALTER " + kind);
  STATEMENT_TRY(AllowModifiers(create.head, {"TRANSIENT"}));
  if (!create.cluster_by.empty()) return UnsupportedFeature("CREATE TABLE with CLUSTER BY");
  if (!create.partition_by.empty()) return UnsupportedFeature("CREATE TABLE with PARTITION BY");
  if (!create.policies.empty()) return UnsupportedFeature("CREATE TABLE with policies");
  if (create.copy_of && create.copy_of->kind != syntax::CopyKind::kLike) {
    return UnsupportedFeature("CREATE TABLE … CLONE");
  }
  const bool plain = !create.frozen_where && !create.backfill_from && !create.start_at &&
                     !create.execute_as_user && !create.refresh_using;
  if (!plain) return UnsupportedFeature("clauses of dynamic tables in CREATE TABLE");
  return {};
}

StatementResult<> ReadOptions(const StatementContext& context, const syntax::CreateTable& create,
                              NewTable& table) {
  const bool iceberg = table.definition.declared_iceberg;
  OptionReader options(context, iceberg ? "ICEBERG TABLE" : "TABLE", create.options);
  table.request.comment = options.Text("COMMENT").value_or("");
  table.request.copy_grants = options.Flag("COPY GRANTS");
  table.request.parameters = TableParameters(options);
  table.definition.change_tracking = options.Bool("CHANGE_TRACKING").value_or(false);
  // An update is known by its row's id.
  if (table.definition.change_tracking && !iceberg) table.format_version = kLineageVersion;
  const bool evolves = options.Bool("ENABLE_SCHEMA_EVOLUTION").value_or(false);
  if (iceberg) {
    table.place_request.external_volume = options.Text("EXTERNAL_VOLUME");
    table.place_request.base_location = options.Text("BASE_LOCATION");
    options.Word("CATALOG", {"SNOWFLAKE"});
    table.format_version = static_cast<int32_t>(
        options.Integer("ICEBERG_VERSION", 2, 3).value_or(table.format_version));
    const auto size = options.Word("TARGET_FILE_SIZE", {"AUTO", "16MB", "32MB", "64MB", "128MB"})
                          .value_or("AUTO");
    if (size != "AUTO") {
      table.properties[kFileSize] = std::to_string(std::stoll(size) * kMebibyte);
    }
  }
  STATEMENT_TRY(options.Finish());
  if (evolves) return UnsupportedFeature("ENABLE_SCHEMA_EVOLUTION");
  return {};
}

/// Absent: the table is to be made.
StatementResult<std::optional<std::string>> FindKept(const StatementContext& context,
                                                     NewTable& table) {
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  const Snapshot& snapshot = *moment.snapshot;
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, moment.caller));
  STATEMENT_ASSIGN(const ObjectId schema,
                   ResolveContainer(snapshot, moment.caller, authority, ObjectKind::kTable,
                                    table.request.name, "CREATE TABLE"));
  STATEMENT_ASSIGN(const auto schema_head, snapshot.FindHead(schema));
  if (!schema_head) return NoSuchObject(table.request.name.Written());
  STATEMENT_ASSIGN(const auto database, snapshot.FindHead(schema_head->container));
  if (!database) return NoSuchObject(table.request.name.Written());
  table.place = {.database = *database, .schema = *schema_head};
  STATEMENT_ASSIGN(const auto existing,
                   FindExisting(snapshot, moment.caller, schema, table.request));
  if (!existing || table.request.on_existing == OnExisting::kReplace) return std::nullopt;
  if (table.request.on_existing == OnExisting::kFail) {
    return AlreadyExists(table.request.name.Written());
  }
  return fmt::format("{} already exists, statement succeeded.", table.request.name.name);
}

StatementResult<> ReadLike(const StatementContext& context, const syntax::CopySource& source,
                           NewTable& table) {
  STATEMENT_ASSIGN(const ObjectName name, NameOf(context, source.name));
  STATEMENT_ASSIGN(const auto moment, BindingMoment::Open(context.query()));
  STATEMENT_ASSIGN(const auto like, moment->Table(name, kSelect));
  table.definition.columns = like->definition.columns;
  table.definition.constraints = like->definition.constraints;
  return {};
}

StatementResult<> ReadQueryColumns(const StatementContext& context, const syntax::Query& query,
                                   const std::vector<syntax::ColumnDefinition>& definitions,
                                   NewTable& table) {
  QueryContext reading = context.query();
  STATEMENT_ASSIGN(const BoundStatement bound, BindStatementQuery(reading, query));
  for (const ResultColumn& column : bound.columns) {
    table.names.push_back(column.name);
    table.types.push_back(column.type);
  }
  if (!definitions.empty() && definitions.size() != table.names.size()) {
    return CompilationError("002026", "42601", "Invalid column definition list");
  }
  return {};
}

StatementResult<> ReadAllColumns(const StatementContext& context, const syntax::CreateTable& create,
                                 NewTable& table) {
  if (create.copy_of) return ReadLike(context, *create.copy_of, table);
  if (create.query) {
    STATEMENT_TRY(ReadQueryColumns(context, *create.query, create.columns, table));
  }
  STATEMENT_ASSIGN(WrittenColumns written, ReadColumns(context, create.columns, table.types,
                                                       table.definition.declared_iceberg));
  if (create.columns.empty()) {
    for (size_t i = 0; i < table.names.size(); ++i) {
      written.columns.push_back({.name = table.names[i], .type = table.types[i]});
    }
  }
  for (const syntax::Constraint& constraint : create.constraints) {
    STATEMENT_TRY(AddConstraint(context, constraint, written));
  }
  if (written.columns.empty()) {
    return CompilationError("001003", "42000", "a table has columns");
  }
  for (const Column& column : written.columns) {
    if (std::ranges::count(written.columns, column.name, &Column::name) > 1) {
      return CompilationError("002025", "42S21",
                              fmt::format("duplicate column name '{}'", column.name));
    }
  }
  table.definition.columns = std::move(written.columns);
  table.definition.constraints = std::move(written.constraints);
  return {};
}

StatementResult<> MakeMetadata(const StatementContext& context, NewTable& table) {
  table.place_request.table_uuid = Uuid::Random();
  table.place_request.table = table.request.name.name;
  table.place_request.declared_iceberg = table.definition.declared_iceberg;
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  STATEMENT_ASSIGN(TablePlace place,
                   PlaceOfNewTable(*context.account, *moment.snapshot, moment.caller, table.place,
                                   table.place_request));
  table.definition.external_volume = place.external_volume;
  table.definition.base_location = std::move(place.base_location);
  STATEMENT_ASSIGN(iceberg::Schema schema, SchemaOfColumns(table.definition.columns));
  STATEMENT_ASSIGN(
      iceberg::TableMetadata metadata,
      iceberg::NewTableMetadata(table.place_request.table_uuid, std::move(place.location),
                                std::move(schema), {}, table.properties,
                                context.account->clock().NowMs(), table.format_version));
  table.metadata = std::make_shared<const iceberg::TableMetadata>(std::move(metadata));
  return {};
}

/// The rows of CTAS as parts of the first commit.
StatementResult<int64_t> WriteQuery(const StatementContext& context, const syntax::Query& query,
                                    const NewTable& table, SessionTransaction& transaction,
                                    table::TableChange& change) {
  const PinnedTable pinned{.head = {.name = table.request.name.name},
                           .database = table.place.database.name,
                           .schema = table.place.schema.name,
                           .definition = table.definition,
                           .loaded = {"", table.metadata}};
  const QueryContext reading = context.query();
  sql::BoundChange bound;
  for (bool settled = false; !settled;) {
    STATEMENT_ASSIGN(const sql::ChangeTarget target, TargetOf(reading, pinned));
    STATEMENT_ASSIGN(const auto moment, BindingMoment::Open(reading));
    auto rows = sql::BindRows(query, target, moment->Request());
    if (!rows) return std::unexpected(moment->FailureOf(std::move(rows).error()));
    bound = *std::move(rows);
    STATEMENT_ASSIGN(settled,
                     ConsumeStreams(context, transaction, moment->snapshot(), bound.query));
  }
  STATEMENT_ASSIGN(WrittenRows written, WriteRows(reading, pinned, bound, transaction));
  STATEMENT_TRY(table::AddDataFiles(context.account->tables(), transaction.writer(), pinned.loaded,
                                    change.snapshot_id,
                                    {.files = std::move(written.files),
                                     .partition_spec_id = table.metadata->default_spec_id,
                                     .data_sequence_number = std::nullopt},
                                    written.next_ordinal, change.changes));
  return written.rows;
}

StatementResult<std::string> Publish(const StatementContext& context, NewTable& table,
                                     table::TableChange change, SessionTransaction& transaction) {
  std::string status;
  bool kept = false;
  table.request.definition = table.definition;
  const auto made =
      transaction.CommitCreated(std::move(change), [&](Transaction& objects) -> StatementResult<> {
        STATEMENT_ASSIGN(const Caller caller, CallerOf(objects, *context.session));
        STATEMENT_ASSIGN(const CreateOutcome outcome, CreateObject(objects, caller, table.request));
        status = outcome.status;
        kept = outcome.result == CreateResult::kKept;
        // Somebody else made it meanwhile.
        if (kept) return AlreadyExists(table.request.name.Written());
        STATEMENT_TRY(
            RefuseDyingPlace(*context.account->tables().journal, table.metadata->location));
        STATEMENT_TRY(SetPointer(objects, {.id = outcome.id,
                                           .table_uuid = table.metadata->table_uuid,
                                           .location = table.metadata->location,
                                           .metadata_location = {},
                                           .published_ms = 0}));
        return {};
      });
  if (!made && !kept) return std::unexpected(made.error());
  return status;
}

}  // namespace

Outcome Act(StatementContext& context, const syntax::CreateTable& create) {
  if (IsExternalIcebergTable(create)) return CreateExternalIcebergTable(context, create);
  const bool dynamic = create.head.kind == syntax::ObjectKind::kDynamicTable ||
                       create.head.kind == syntax::ObjectKind::kDynamicIcebergTable;
  if (dynamic) return CreateDynamicTable(context, create);
  STATEMENT_TRY(RefuseClauses(create));
  NewTable table;
  STATEMENT_ASSIGN(table.request, HeadOf(context, create.head));
  table.definition.declared_iceberg = create.head.kind == syntax::ObjectKind::kIcebergTable;
  table.definition.transient = HasModifier(create.head, "TRANSIENT");
  STATEMENT_TRY(ReadOptions(context, create, table));
  STATEMENT_ASSIGN(const auto existing, FindKept(context, table));
  if (existing) return StatementOutcome{.status = *existing};
  STATEMENT_TRY(ReadAllColumns(context, create, table));
  STATEMENT_TRY(MakeMetadata(context, table));
  SessionTransaction transaction(*context.account, TransactionExtent::kStatement);
  transaction.BeginStatement(context.query_id);
  table::TableChange change{
      .table = PublishedName(
          table.place.database.name, table.place.schema.name,
          {.name = table.request.name.name,
           .session = table.request.temporary ? context.session->id.ToString() : std::string()}),
      .created = table.metadata,
      .snapshot_id = iceberg::NewSnapshotId(table.metadata.get())};
  if (create.query) {
    STATEMENT_TRY(WriteQuery(context, *create.query, table, transaction, change));
  }
  StatementOutcome outcome;
  STATEMENT_ASSIGN(outcome.status, Publish(context, table, std::move(change), transaction));
  return outcome;
}

}  // namespace tarn::warehouse
