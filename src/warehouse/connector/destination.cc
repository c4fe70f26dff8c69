// SPDX-License-Identifier: Apache-2.0
#include "warehouse/connector/destination.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "table/expired_files.h"
#include "table/journal.h"
#include "table/table_cache.h"
#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/create.h"
#include "warehouse/connector/installation.h"
#include "warehouse/connector/replication_words.h"
#include "warehouse/connector/target_columns.h"
#include "warehouse/managed_tables/stored_columns.h"
#include "warehouse/metastore/grants.h"
#include "warehouse/metastore/table_pointers.h"
#include "warehouse/retention/purge.h"

namespace tarn::warehouse {
namespace {

using capture::SourceName;
using capture::TargetColumn;
using iceberg::LoadedTable;
using nlohmann::json;

constexpr int32_t kLineageVersion = 3;
constexpr int32_t kAlterAttempts = 5;
/// Nothing holds the metastore for long.
constexpr table::RetryPolicy kRetry{.retries = 30, .min_wait_ms = 2, .max_wait_ms = 200};

std::string Shown(const SourceName& name) { return fmt::format("{}.{}", name.schema, name.table); }

std::unexpected<Error> Denied(std::string message) {
  return std::unexpected(Error{ErrorKind::kPermissionDenied, std::move(message), {}, {}});
}

json SchemaJson(const std::vector<capture::SourceColumn>& columns) {
  json list = json::array();
  for (const capture::SourceColumn& column : columns) {
    list.push_back(
        {{"name", column.name}, {"type", column.type.name}, {"nullable", !column.not_null}});
  }
  return list;
}

json SchemaJson(const std::vector<TargetColumn>& columns) {
  json list = json::array();
  for (const TargetColumn& column : columns) {
    list.push_back({{"name", column.name},
                    {"type", sql::ToString(SqlTypeOf(column.type))},
                    {"nullable", !column.required}});
  }
  return list;
}

}  // namespace

/// Destination database and schema; the schema may be missing.
struct ConnectorDestination::Place {
  ObjectHead database;
  std::optional<ObjectHead> schema;
};

/// A table of the destination at one moment.
struct ConnectorDestination::Known {
  ObjectHead head;
  Table definition;
  TablePointer pointer;
};

ConnectorDestination::ConnectorDestination(Account& account, const DataSource& source)
    : account_(account),
      source_(source.id),
      application_(source.application),
      source_name_(source.name),
      database_(source.database),
      pins_(account.tables().storage),
      tables_(account.tables()) {
  tables_.pins = &pins_;
}

Caller ConnectorDestination::caller() const {
  return {.user = {}, .role = application_, .secondary_roles = {}, .database = {}, .schema = {}};
}

catalog::TableName ConnectorDestination::NameOf(const SourceName& name) const {
  return {{database_, name.schema}, name.table};
}

Result<> ConnectorDestination::CheckSource(const Snapshot& snapshot) const {
  TARN_ASSIGN(const auto source, FindDataSource(snapshot, source_));
  if (source) return {};
  return Denied(fmt::format("data source \"{}\" is no longer replicated", source_name_));
}

Result<std::optional<ConnectorDestination::Known>> ConnectorDestination::Look(
    const Snapshot& snapshot, const SourceName& name) const {
  std::optional<Known> known;
  TARN_ASSIGN(const auto database,
              snapshot.FindNamed(kAccountId, FamilyOf(ObjectKind::kDatabase), database_));
  if (!database) return known;
  TARN_ASSIGN(const auto schema,
              snapshot.FindNamed(database->id, FamilyOf(ObjectKind::kSchema), name.schema));
  if (!schema) return known;
  TARN_ASSIGN(const auto head,
              snapshot.FindNamed(schema->id, FamilyOf(ObjectKind::kTable), name.table));
  if (!head) return known;
  if (head->owner != application_) {
    return Denied(
        fmt::format("\"{}\" in database \"{}\" belongs to somebody else", Shown(name), database_));
  }
  TARN_ASSIGN(auto definition, snapshot.Find<Table>(head->id));
  TARN_ASSIGN(auto pointer, FindPointer(snapshot, head->id));
  if (!definition || definition->kind != TableKind::kManaged || !pointer) {
    return Denied(fmt::format("\"{}\" in database \"{}\" is no table that can be replicated to",
                              Shown(name), database_));
  }
  known.emplace(Known{*head, *std::move(definition), *std::move(pointer)});
  return known;
}

Result<std::optional<capture::Destination::Found>> ConnectorDestination::Find(
    const SourceName& name) {
  std::optional<Found> found;
  TARN_ASSIGN(const auto snapshot, account_.metastore().Read());
  TARN_TRY(CheckSource(*snapshot));
  TARN_ASSIGN(const auto known, Look(*snapshot, name));
  if (!known) return found;
  TARN_ASSIGN(LoadedTable table, tables_.tables->Load(known->pointer.metadata_location));
  found.emplace(Found{NameOf(name), std::move(table)});
  return found;
}

StatementResult<> ConnectorDestination::EnsureSchema(Transaction& transaction,
                                                     const std::string& schema) const {
  STATEMENT_ASSIGN(const auto database,
                   transaction.FindNamed(kAccountId, FamilyOf(ObjectKind::kDatabase), database_));
  if (database) {
    STATEMENT_ASSIGN(const auto there,
                     transaction.FindNamed(database->id, FamilyOf(ObjectKind::kSchema), schema));
    if (there) return {};
  }
  STATEMENT_ASSIGN(
      const CreateOutcome made,
      CreateObject(transaction, caller(),
                   {.name = {.database = database_, .schema = std::nullopt, .name = schema},
                    .definition = Schema{}}));
  STATEMENT_ASSIGN(const ObjectHead reader,
                   ApplicationRole(transaction, application_, kApplicationReader));
  STATEMENT_TRY(AddGrant(transaction, {.object = made.id,
                                       .privilege = std::string(kUsage),
                                       .grantee = reader.id,
                                       .grantor = application_}));
  return {};
}

StatementResult<> ConnectorDestination::MakeTable(Transaction& transaction,
                                                  const capture::TargetTable& table,
                                                  const Table& definition,
                                                  const iceberg::TableMetadata& metadata) const {
  STATEMENT_TRY(CheckSource(transaction));
  STATEMENT_TRY(EnsureSchema(transaction, table.name.schema));
  STATEMENT_ASSIGN(
      const CreateOutcome made,
      CreateObject(
          transaction, caller(),
          {.name = {.database = database_, .schema = table.name.schema, .name = table.name.table},
           .definition = definition}));
  STATEMENT_TRY(RefuseDyingPlace(*tables_.journal, metadata.location));
  STATEMENT_TRY(SetPointer(transaction, {.id = made.id,
                                         .table_uuid = metadata.table_uuid,
                                         .location = metadata.location,
                                         .metadata_location = {},
                                         .published_ms = 0}));
  STATEMENT_ASSIGN(const ObjectHead reader,
                   ApplicationRole(transaction, application_, kApplicationReader));
  STATEMENT_TRY(AddGrant(transaction, {.object = made.id,
                                       .privilege = std::string(kSelect),
                                       .grantee = reader.id,
                                       .grantor = application_}));
  return {};
}

Result<capture::Destination::Found> ConnectorDestination::Create(
    const capture::TargetTable& table) {
  Table definition{.columns = ColumnsFor(table.columns), .change_tracking = true};
  if (!table.primary_key.empty()) {
    definition.constraints.push_back(
        {.name = {}, .kind = ConstraintKind::kPrimaryKey, .columns = table.primary_key});
  }
  auto schema = SchemaOfColumns(definition.columns);
  if (!schema) return std::unexpected(std::move(schema).error().error);
  for (size_t i = 0; i < table.columns.size(); ++i) {
    StoreAsSource(table.columns[i].type, schema->fields[i].type);
  }
  const Uuid uuid = Uuid::Random();
  TARN_ASSIGN(iceberg::TableMetadata made,
              iceberg::NewTableMetadata(uuid, account_.tables_location() + "/" + uuid.ToString(),
                                        *std::move(schema), {},
                                        {{"write.parquet.compression-codec", "zstd"}},
                                        account_.clock().NowMs(), kLineageVersion));
  const auto metadata = std::make_shared<const iceberg::TableMetadata>(std::move(made));
  TARN_ASSIGN(LoadedTable created,
              PublishOne({.table = NameOf(table.name),
                          .created = metadata,
                          .requirements = {},
                          .changes = {},
                          .snapshot_id = iceberg::NewSnapshotId(metadata.get())},
                         [&](Transaction& transaction) {
                           return MakeTable(transaction, table, definition, *metadata);
                         }));
  return Found{NameOf(table.name), std::move(created)};
}

Result<capture::Destination::Found> ConnectorDestination::Alter(const SourceName& name,
                                                                const Alteration& alteration) {
  for (int32_t attempt = 1;; ++attempt) {
    std::optional<Known> known;
    {
      TARN_ASSIGN(const auto snapshot, account_.metastore().Read());
      TARN_ASSIGN(known, Look(*snapshot, name));
    }
    if (!known) return Fail(ErrorKind::kNotFound, "there is no table \"{}\"", Shown(name));
    TARN_ASSIGN(const LoadedTable base, tables_.tables->Load(known->pointer.metadata_location));
    TARN_ASSIGN(AlteredTable altered,
                ApplyAlteration(known->definition, *base.metadata, alteration));
    table::TableChange change{.table = NameOf(name),
                              .table_uuid = base.metadata->table_uuid,
                              .created = nullptr,
                              .requirements = {},
                              .changes = {},
                              .snapshot_id = iceberg::NewSnapshotId(base.metadata.get())};
    change.changes.schema = {.read = base.metadata->current_schema(),
                             .fields = std::move(altered.fields)};
    bool overtaken = false;
    auto published =
        PublishOne(std::move(change), [&](Transaction& transaction) -> StatementResult<> {
          STATEMENT_TRY(CheckSource(transaction));
          STATEMENT_ASSIGN(const auto now, Look(transaction, name));
          if (!now || now->head.id != known->head.id || now->definition != known->definition) {
            overtaken = true;
            // Not kConflict: another attempt on a newer pointer would fail as well.
            return std::unexpected(AsStatementError(
                Error{ErrorKind::kInternal, "the table was altered by somebody else", {}, {}}));
          }
          STATEMENT_TRY(transaction.Update(known->head.id, altered.definition));
          return {};
        });
    if (published) return Found{NameOf(name), *std::move(published)};
    const bool conflict = overtaken || published.error().kind == ErrorKind::kConflict;
    if (!conflict || attempt == kAlterAttempts)
      return std::unexpected(std::move(published).error());
  }
}

void ConnectorDestination::EndWriter(const table::Writer& writer) {
  account_.writers().End(writer.id);
  account_.SettleWriters();
}

Result<std::vector<LoadedTable>> ConnectorDestination::Publish(
    const table::Writer& writer, std::span<const table::TableChange> changes,
    const Metastore::Change& effect) {
  bool told = false;
  const Metastore::Change telling = [&](Transaction& transaction) -> StatementResult<> {
    told = true;
    return effect(transaction);
  };
  TablePublisher publisher(&account_.metastore(), writer.id, telling);
  for (const table::TableChange& change : changes) {
    if (change.created != nullptr) publisher.Create(change.table);
  }
  auto committed = table::CommitTables(
      tables_, publisher, writer, changes,
      {.retry = kRetry, .before_appearing = table::JournalExpired(*tables_.journal, writer)});
  if (!committed && publisher.effect_error()) {
    return std::unexpected(publisher.effect_error()->error);
  }
  if (!committed) return committed;
  // What changes no table publishes nothing: then nobody knows of the rest.
  if (!told) TARN_TRY(WithoutCode(CommitAsWriter(account_.metastore(), writer.id, effect)));
  tables_.journal->Commit(writer.id, account_.clock().NowMs());
  return committed;
}

Result<LoadedTable> ConnectorDestination::PublishOne(table::TableChange change,
                                                     const Metastore::Change& effect) {
  const table::Writer writer = BeginWriter();
  auto published = Publish(writer, {&change, 1}, effect);
  // While nobody can say, the writer stays open until the account is opened again.
  const bool unknown = !published && published.error().kind == ErrorKind::kCommitStateUnknown;
  if (!unknown) EndWriter(writer);
  if (!published) return std::unexpected(std::move(published).error());
  return std::move(published->front());
}

Result<std::vector<LoadedTable>> ConnectorDestination::Commit(
    const table::Writer& writer, std::span<const table::TableChange> changes,
    std::span<const capture::AppliedChanges> applied) {
  return Publish(writer, changes, [&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_TRY(CheckSource(transaction));
    for (const table::TableChange& change : changes) {
      const SourceName name{change.table.name_space.back(), change.table.name};
      // A table that was given away is no longer ours to write.
      STATEMENT_ASSIGN(const auto known, Look(transaction, name));
      if (!known) {
        return std::unexpected(AsStatementError(Error{
            ErrorKind::kConflict, fmt::format("table \"{}\" was dropped", Shown(name)), {}, {}}));
      }
    }
    for (const capture::AppliedChanges& batch : applied) {
      // What the first copy brings is no merge (the view's documentation).
      if (batch.snapshot) continue;
      const int64_t now_ms = transaction.now_ms();
      STATEMENT_TRY(
          AddAppliedBatch(transaction, {.data_source = source_,
                                        .schema = batch.name.schema,
                                        .table = batch.name.table,
                                        .process = writer.id.ToString(),
                                        .started_ms = std::min(batch.first_read_ms, now_ms),
                                        .ended_ms = now_ms,
                                        .rows = batch.inserted + batch.updated + batch.deleted,
                                        .read_ms = batch.read_ms,
                                        .applied_ms = batch.applied_ms}));
    }
    return {};
  });
}

Result<std::optional<capture::SlotRecord>> ConnectorDestination::FindSlot() {
  std::optional<capture::SlotRecord> record;
  TARN_ASSIGN(const auto snapshot, account_.metastore().Read());
  TARN_ASSIGN(const auto slot, FindSourceSlot(*snapshot, source_));
  if (!slot) return record;
  record.emplace(
      capture::SlotRecord{.slot = slot->slot, .system_identifier = slot->system_identifier});
  const auto created = capture::ParseLsn(slot->created);
  const auto acknowledged = capture::ParseLsn(slot->acknowledged);
  if (!created || !acknowledged) {
    return Fail(ErrorKind::kCorruption, "the record of slot \"{}\" is damaged", slot->slot);
  }
  record->created = *created;
  record->acknowledged = *acknowledged;
  return record;
}

Result<> ConnectorDestination::SaveSlot(const capture::SlotRecord& record) {
  return WithoutCode(
      account_.metastore().CommitQuietly([&](Transaction& transaction) -> StatementResult<> {
        STATEMENT_TRY(CheckSource(transaction));
        STATEMENT_TRY(
            PutSourceSlot(transaction, {.data_source = source_,
                                        .slot = record.slot,
                                        .system_identifier = record.system_identifier,
                                        .created = capture::ToString(record.created),
                                        .acknowledged = capture::ToString(record.acknowledged)}));
        return {};
      }));
}

void ConnectorDestination::Report(const capture::TableState& state) {
  const auto reported =
      account_.metastore().Commit([&](Transaction& transaction) -> StatementResult<> {
        STATEMENT_ASSIGN(const auto known, FindCapturedTable(transaction, source_,
                                                             state.name.schema, state.name.table));
        // Removed, or its application was dropped: nobody asks any more.
        if (!known) return {};
        const CapturedTable next = WithState(*known, state);
        if (next == *known) return {};
        for (const char* action : AgentActions(*known, next)) {
          json parameters = {{"data_source_name", source_name_},
                             {"schema_name", next.schema},
                             {"table_name", next.table}};
          if (!next.error.empty()) parameters["error"] = next.error;
          STATEMENT_TRY(AddApplicationEvent(transaction, {.application = application_,
                                                          .by_agent = true,
                                                          .action = action,
                                                          .parameters = StoredText(parameters)}));
        }
        STATEMENT_TRY(PutCapturedTable(transaction, next));
        return {};
      });
  if (!reported) {
    spdlog::warn("could not store the state of table {}: {}", Shown(state.name),
                 reported.error().error.message);
  }
}

void ConnectorDestination::Report(const capture::SchemaVersion& version) {
  const auto reported =
      account_.metastore().CommitQuietly([&](Transaction& transaction) -> StatementResult<> {
        STATEMENT_TRY(CheckSource(transaction));
        STATEMENT_TRY(AddCapturedSchema(transaction,
                                        {.data_source = source_,
                                         .schema = version.name.schema,
                                         .table = version.name.table,
                                         .version = version.version,
                                         .state = version.applied ? "APPLIED" : "ACCEPTED",
                                         .source = StoredText(SchemaJson(version.source.columns)),
                                         .destination = StoredText(SchemaJson(version.target))}));
        if (version.version == 0) return {};
        const json parameters = {{"data_source_name", source_name_},
                                 {"schema_name", version.name.schema},
                                 {"table_name", version.name.table},
                                 {"version", version.version}};
        STATEMENT_TRY(AddApplicationEvent(transaction, {.application = application_,
                                                        .by_agent = true,
                                                        .action = kSchemaChangeReported,
                                                        .parameters = StoredText(parameters)}));
        return {};
      });
  if (!reported) {
    spdlog::warn("could not store the schema of table {}: {}", Shown(version.name),
                 reported.error().error.message);
  }
}

}  // namespace tarn::warehouse
