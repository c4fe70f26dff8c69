// SPDX-License-Identifier: Apache-2.0
#include "warehouse/lake_tables/external_table.h"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "warehouse/catalogue/names.h"
#include "warehouse/instances/instance_manager.h"
#include "warehouse/lake_tables/foreign_columns.h"
#include "warehouse/lake_tables/foreign_metadata.h"
#include "warehouse/lake_tables/table_follower.h"
#include "warehouse/metastore/parameters.h"
#include "warehouse/metastore/table_pointers.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

constexpr const char* kCreate = "CREATE ICEBERG TABLE";

/// The name that was written, or that of the parameter where the table will live.
StatementResult<ObjectName> NameOr(const Snapshot& snapshot,
                                   const std::optional<std::string>& written, ObjectId container,
                                   const char* parameter) {
  std::string text = written.value_or("");
  if (!written) {
    STATEMENT_ASSIGN(const auto value, FindParameter(snapshot, container, parameter));
    if (value) text = value->value;
  }
  if (text.empty()) return MissingOption(parameter);
  auto name = ParseObjectName(text);
  if (!name) return InvalidParameterValue(parameter, text);
  return *std::move(name);
}

template <typename Noun>
StatementResult<Object<Noun>> Usable(const Snapshot& snapshot, const Caller& caller,
                                     const Authority& authority, const ObjectName& name) {
  STATEMENT_ASSIGN(ObjectHead head,
                   Resolve(snapshot, caller, authority, Noun::kKind, name, kCreate));
  STATEMENT_TRY(authority.Require(head, kUsage));
  STATEMENT_ASSIGN(auto noun, snapshot.Find<Noun>(head.id));
  if (!noun) return DoesNotExist(Noun::kKind, name.Written());
  return Object<Noun>{std::move(head), *std::move(noun)};
}

StatementResult<> CheckCatalog(const Object<CatalogIntegration>& catalog) {
  if (!catalog.value.enabled) {
    return CompilationError(
        "093518", "22023",
        fmt::format("Catalog integration '{}' is not enabled.", catalog.head.name));
  }
  if (catalog.value.source != "OBJECT_STORE") {
    return UnsupportedFeature(fmt::format("tables of catalog source {}", catalog.value.source));
  }
  if (catalog.value.table_format != "ICEBERG") {
    return UnsupportedFeature(fmt::format("tables of table format {}", catalog.value.table_format));
  }
  return {};
}

/// Everything that the new table is, and the metadata that it shows.
struct NewTable {
  Table definition;
  StorageArea area;
  iceberg::LoadedTable shown;
  bool may_pin = false;
};

StatementResult<std::vector<Column>> ShownColumns(const iceberg::LoadedTable& table) {
  STATEMENT_ASSIGN(auto columns, ColumnsOfSchema(table.metadata->current_schema()));
  return columns;
}

StatementResult<NewTable> Describe(Account& account, const Snapshot& snapshot, const Caller& caller,
                                   ObjectId container, const ExternalTableRequest& request) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  STATEMENT_ASSIGN(const ObjectName volume_name,
                   NameOr(snapshot, request.external_volume, container, "EXTERNAL_VOLUME"));
  STATEMENT_ASSIGN(const ObjectName catalog_name,
                   NameOr(snapshot, request.catalog, container, "CATALOG"));
  if (!request.catalog && catalog_name.name == "SNOWFLAKE") return MissingOption("CATALOG");
  STATEMENT_ASSIGN(const auto volume,
                   Usable<ExternalVolume>(snapshot, caller, authority, volume_name));
  STATEMENT_ASSIGN(const auto catalog,
                   Usable<CatalogIntegration>(snapshot, caller, authority, catalog_name));
  STATEMENT_TRY(CheckCatalog(catalog));
  NewTable table;
  table.may_pin = volume.value.allow_writes;
  STATEMENT_ASSIGN(table.area, AreaOf(volume.value));
  if (!IsMetadataFile(request.metadata_path)) {
    return InvalidParameterValue("METADATA_FILE_PATH", request.metadata_path);
  }
  STATEMENT_ASSIGN(const std::string location, table.area.Find(request.metadata_path));
  STATEMENT_ASSIGN(table.shown, LoadForeignTable(account.tables(), table.area, location));
  table.definition = {.kind = TableKind::kExternalMetadata,
                      .declared_iceberg = true,
                      .columns = {},
                      .external_volume = volume.head.id,
                      .catalog = catalog.head.id,
                      .auto_refresh = request.auto_refresh,
                      .replace_invalid_characters = request.replace_invalid_characters};
  STATEMENT_ASSIGN(table.definition.columns, ShownColumns(table.shown));
  return table;
}

TablePointer PointerTo(ObjectId id, const iceberg::LoadedTable& shown) {
  return {.id = id,
          .table_uuid = shown.metadata->table_uuid,
          .location = shown.metadata->location,
          .metadata_location = shown.metadata_location};
}

/// What a refresh starts from.
struct ShownTable {
  ObjectHead head;
  Table definition;
  TablePointer pointer;
  std::shared_ptr<const StorageArea> area;
  bool may_pin = false;
};

StatementResult<ShownTable> FindShown(const Snapshot& snapshot, ObjectHead head) {
  ShownTable table{.head = std::move(head), .definition = {}, .pointer = {}, .area = {}};
  STATEMENT_ASSIGN(const auto definition, snapshot.Find<Table>(table.head.id));
  if (!definition || definition->kind != TableKind::kExternalMetadata) {
    return UnsupportedFeature("REFRESH of Iceberg tables that have no METADATA_FILE_PATH");
  }
  table.definition = *definition;
  STATEMENT_ASSIGN(const auto pointer, FindPointer(snapshot, table.head.id));
  if (!pointer) return NoSuchObject(table.head.name);
  table.pointer = *pointer;
  if (definition->catalog) {
    STATEMENT_ASSIGN(const auto catalog, snapshot.Find<CatalogIntegration>(*definition->catalog));
    STATEMENT_ASSIGN(const auto catalog_head, snapshot.FindHead(*definition->catalog));
    if (catalog && catalog_head) STATEMENT_TRY(CheckCatalog({*catalog_head, *catalog}));
  }
  STATEMENT_ASSIGN(table.area, AreaOfTable(snapshot, *definition));
  STATEMENT_ASSIGN(const auto volume, snapshot.Find<ExternalVolume>(*definition->external_volume));
  table.may_pin = volume && volume->allow_writes;
  return table;
}

StatementResult<> CheckSuccessor(const ShownTable& table, const iceberg::LoadedTable& current,
                                 const iceberg::LoadedTable& next, bool may_go_back) {
  if (next.metadata->table_uuid != table.pointer.table_uuid) {
    return CompilationError("091003", "22023",
                            fmt::format("Metadata file '{}' is of another table than '{}'.",
                                        next.metadata_location, table.head.name));
  }
  if (may_go_back || !IsOlder(*next.metadata, *current.metadata)) return {};
  StatementFailure failure = CompilationError(
      "091003", "22023",
      fmt::format("Metadata file '{}' is older than the one that table '{}' shows.",
                  next.metadata_location, table.head.name));
  failure.error().error.hint = "Add FORCE = TRUE to go back to it.";
  return failure;
}

/// False: somebody else moved the table meanwhile.
StatementResult<bool> Move(Account& account, const ShownTable& table,
                           const iceberg::LoadedTable& next) {
  STATEMENT_ASSIGN(auto columns, ShownColumns(next));
  bool moved = false;
  STATEMENT_TRY(account.metastore().Commit([&](Transaction& transaction) -> StatementResult<> {
    moved = false;
    STATEMENT_ASSIGN(const bool alive, transaction.IsAlive(table.head.id));
    STATEMENT_ASSIGN(const auto pointer, FindPointer(transaction, table.head.id));
    STATEMENT_ASSIGN(auto definition, transaction.Find<Table>(table.head.id));
    if (!alive || !pointer || !definition) return NoSuchObject(table.head.name);
    if (pointer->metadata_location != table.pointer.metadata_location) return {};
    if (definition->columns != columns) {
      definition->columns = std::move(columns);
      STATEMENT_TRY(transaction.Update(table.head.id, *definition));
    }
    STATEMENT_TRY(SetPointer(transaction, PointerTo(table.head.id, next)));
    moved = true;
    return {};
  }));
  return moved;
}

/// Pins what comes, shows it, and lets go of what was shown.
StatementResult<bool> Show(Account& account, const ShownTable& table,
                           const iceberg::LoadedTable& current, const iceberg::LoadedTable& next) {
  const table::TableContext& context = account.tables();
  const int64_t now_ms = account.clock().NowMs();
  if (table.may_pin) {
    STATEMENT_TRY(PinShown(context, *table.area, table.head.id, next, now_ms + kPinLeaseMs));
  }
  STATEMENT_ASSIGN(const bool moved, Move(account, table, next));
  const bool same_snapshot =
      current.metadata->current_snapshot_id == next.metadata->current_snapshot_id;
  if (!moved || !table.may_pin || same_snapshot) return moved;
  // Statements that read the old state now are done before; if it is gone, none of them needs it.
  (void)PinShown(context, *table.area, table.head.id, current, now_ms + kPinRestMs);
  return moved;
}

/// What the managed server that writes the table committed last. Absent: none of ours does.
StatementResult<std::optional<std::string>> CommittedLast(Account& account,
                                                          const ShownTable& table) {
  if (account.instances() == nullptr) return std::nullopt;
  STATEMENT_ASSIGN(const bool owned, IsOwned(*account.tables().storage, table.pointer.location));
  if (!owned) return std::nullopt;
  STATEMENT_ASSIGN(auto newest, account.instances()->pointers().Newest(table.pointer.location));
  return newest;
}

}  // namespace

StatementResult<std::shared_ptr<const StorageArea>> AreaOfTable(const Snapshot& snapshot,
                                                                const Table& table) {
  if (table.kind != TableKind::kExternalMetadata) return nullptr;
  std::optional<ExternalVolume> volume;
  if (table.external_volume) {
    STATEMENT_ASSIGN(volume, snapshot.Find<ExternalVolume>(*table.external_volume));
  }
  if (!volume) return DoesNotExist(ObjectKind::kExternalVolume, "");
  STATEMENT_ASSIGN(StorageArea area, AreaOf(*volume));
  return std::make_shared<const StorageArea>(std::move(area));
}

StatementResult<std::string> CreateExternalTable(Account& account, const Caller& caller,
                                                 const ExternalTableRequest& request) {
  CreateRequest create{.name = request.name,
                       .definition = Table{},
                       .on_existing = request.on_existing,
                       .comment = request.comment,
                       .copy_grants = request.copy_grants,
                       .parameters = {}};
  std::optional<NewTable> table;
  {
    STATEMENT_ASSIGN(const auto snapshot, account.metastore().Read());
    STATEMENT_ASSIGN(const Authority authority, Authority::Of(*snapshot, caller));
    STATEMENT_ASSIGN(
        const ObjectId container,
        ResolveContainer(*snapshot, caller, authority, ObjectKind::kTable, request.name, kCreate));
    STATEMENT_ASSIGN(
        const auto existing,
        snapshot->FindNamed(container, FamilyOf(ObjectKind::kTable), request.name.name));
    // Then nothing is read: the file may have gone since.
    const bool kept = existing && request.on_existing == OnExisting::kKeep;
    if (!kept) {
      STATEMENT_ASSIGN(table, Describe(account, *snapshot, caller, container, request));
      create.definition = table->definition;
    }
  }
  std::string status;
  std::optional<ObjectId> pinned;
  auto committed = account.metastore().Commit([&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_ASSIGN(const CreateOutcome outcome, CreateObject(transaction, caller, create));
    status = outcome.status;
    if (outcome.result == CreateResult::kKept) return {};
    if (!table) return NoSuchObject(request.name.name);  // it was dropped meanwhile
    STATEMENT_TRY(SetPointer(transaction, PointerTo(outcome.id, table->shown)));
    if (!table->may_pin) return {};
    pinned = outcome.id;
    return PinShown(account.tables(), table->area, outcome.id, table->shown,
                    account.clock().NowMs() + kPinLeaseMs);
  });
  if (committed) return status;
  if (pinned) (void)Unpin(account.tables(), *pinned, table->shown);
  return std::unexpected(std::move(committed).error());
}

StatementResult<> RefreshExternalTable(Account& account, const Caller& caller,
                                       const RefreshRequest& request) {
  while (true) {
    std::optional<ShownTable> table;
    {
      STATEMENT_ASSIGN(const auto snapshot, account.metastore().Read());
      STATEMENT_ASSIGN(const Authority authority, Authority::Of(*snapshot, caller));
      auto head = Resolve(*snapshot, caller, authority, ObjectKind::kTable, request.name,
                          "ALTER ICEBERG TABLE");
      if (!head && request.if_exists && head.error().error.kind == ErrorKind::kNotFound) return {};
      STATEMENT_TRY(head);
      STATEMENT_TRY(authority.Require(*head, kOwnership));
      STATEMENT_ASSIGN(table, FindShown(*snapshot, *head));
    }
    const table::TableContext& context = account.tables();
    std::optional<iceberg::LoadedTable> next;
    if (request.metadata_path) {
      STATEMENT_ASSIGN(const std::string location, table->area->Find(*request.metadata_path));
      if (location == table->pointer.metadata_location) return {};
      STATEMENT_ASSIGN(next, LoadForeignTable(context, *table->area, location));
    } else {
      STATEMENT_ASSIGN(std::optional<std::string> location, CommittedLast(account, *table));
      if (!location) {
        STATEMENT_ASSIGN(const auto newest,
                         NewestBeside(context, *table->area, table->pointer.metadata_location,
                                      table->pointer.table_uuid));
        if (newest) location = newest->table.metadata_location;
      }
      if (!location || *location == table->pointer.metadata_location) return {};
      STATEMENT_ASSIGN(next, LoadForeignTable(context, *table->area, *location));
    }
    auto current = context.tables->Load(table->pointer.metadata_location);
    // What is shown has gone: whatever is there now is better.
    const iceberg::LoadedTable before = current ? *current : *next;
    STATEMENT_TRY(CheckSuccessor(*table, before, *next, request.may_go_back));
    STATEMENT_ASSIGN(const bool moved, Show(account, *table, before, *next));
    if (moved) return {};
  }
}

StatementResult<Followed> FollowNewest(Account& account, ObjectId id, int64_t now_ms) {
  std::optional<ShownTable> table;
  {
    STATEMENT_ASSIGN(const auto snapshot, account.metastore().Read());
    STATEMENT_ASSIGN(const bool alive, snapshot->IsAlive(id));
    STATEMENT_ASSIGN(const auto head, snapshot->FindHead(id));
    if (!alive || !head) return Followed{};
    STATEMENT_ASSIGN(table, FindShown(*snapshot, *head));
  }
  const table::TableContext& context = account.tables();
  const TablePointer& pointer = table->pointer;
  const auto newest = [&](int64_t not_after_ms) {
    return NewestBeside(context, *table->area, pointer.metadata_location, pointer.table_uuid,
                        not_after_ms);
  };
  Followed followed;
  STATEMENT_ASSIGN(auto found, newest(std::numeric_limits<int64_t>::max()));
  auto asked = CommittedLast(account, *table);
  if (!asked && asked.error().error.kind == ErrorKind::kUnavailable) return followed;
  STATEMENT_ASSIGN(const std::optional<std::string> committed, std::move(asked));
  if (committed) {
    const bool newer = found && found->table.metadata_location != *committed &&
                       found->modified_ms > now_ms - kCommittingMs;
    if (newer) followed.again_after_ms = kCommitLookMs;
  } else if (found && found->modified_ms > now_ms - kSettledMs) {
    STATEMENT_ASSIGN(const bool owned, IsOwned(*context.storage, pointer.location));
    if (owned) {
      followed.again_after_ms = kSettledMs;
      STATEMENT_ASSIGN(found, newest(now_ms - kSettledMs));
    }
  }
  if (!committed && !found) return followed;
  const std::string location = committed ? *committed : found->table.metadata_location;
  if (location == pointer.metadata_location) return followed;
  STATEMENT_ASSIGN(const iceberg::LoadedTable next,
                   LoadForeignTable(context, *table->area, location));
  const auto current = context.tables->Load(pointer.metadata_location);
  if (current && !IsOlder(*current->metadata, *next.metadata)) return followed;
  STATEMENT_ASSIGN(followed.moved, Show(account, *table, current ? *current : next, next));
  return followed;
}

StatementResult<std::string> IcebergTableInformation(const Snapshot& snapshot, const Caller& caller,
                                                     const ObjectName& name) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  STATEMENT_ASSIGN(const ObjectHead head, Resolve(snapshot, caller, authority, ObjectKind::kTable,
                                                  name, "SYSTEM$GET_ICEBERG_TABLE_INFORMATION"));
  STATEMENT_ASSIGN(const auto pointer, FindPointer(snapshot, head.id));
  nlohmann::ordered_json json;
  json["metadataLocation"] = pointer ? pointer->metadata_location : "";
  json["status"] = "success";
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace tarn::warehouse
