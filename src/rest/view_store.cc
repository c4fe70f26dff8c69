// SPDX-License-Identifier: Apache-2.0
#include "rest/view_store.h"

#include <array>

#include "iceberg/commit/commit_files.h"
#include "iceberg/json/ascii_case.h"
#include "iceberg/view/view_metadata_builder.h"
#include "rest/columns.h"
#include "rest/locations.h"
#include "rest/metastore_change.h"
#include "warehouse/catalogue/alter.h"
#include "warehouse/catalogue/create.h"
#include "warehouse/objects/table.h"

namespace tarn::rest {
namespace {

using iceberg::ViewMetadata;
using warehouse::ObjectKind;
using warehouse::Transaction;

constexpr int kAttempts = 5;
/// Dialects whose text the warehouse's own SQL can read, the best first.
constexpr std::array<std::string_view, 2> kOwnDialects = {"tarn", "snowflake"};
constexpr const char* kMetadataPath = "write.metadata.path";

const iceberg::Schema& SchemaOf(const ViewMetadata& metadata) {
  return *metadata.FindSchema(metadata.current_version().schema_id);
}

warehouse::View DefinitionOf(const ViewMetadata& metadata) {
  warehouse::View view{.columns = ColumnsOf(SchemaOf(metadata)), .text = {}, .query = {}};
  for (warehouse::Column& column : view.columns) column.field_id = 0;
  for (const std::string_view dialect : kOwnDialects) {
    for (const auto& representation : metadata.current_version().representations) {
      const bool fits =
          representation.is_sql() && iceberg::ToLowerAscii(representation.dialect) == dialect;
      if (fits && view.query.empty()) view.query = representation.sql;
    }
  }
  return view;
}

std::string FileLocation(const ViewMetadata& metadata, const std::string& base_location,
                         const Uuid& writer, int attempt) {
  const auto path = metadata.properties.find(kMetadataPath);
  std::string folder =
      path == metadata.properties.end() ? metadata.location + "/metadata" : path->second;
  while (folder.ends_with('/')) folder.pop_back();
  const int64_t version =
      base_location.empty() ? 0 : iceberg::MetadataVersionNumber(base_location) + 1;
  return fmt::format("{}/{:05}-{}{}.metadata.json", folder, version, writer.ToString(),
                     attempt == 0 ? std::string() : fmt::format("-{}", attempt));
}

Reply<> CheckViewLocations(const Service& service, const Call& call, const ViewMetadata& metadata) {
  REST_ASSIGN(const auto snapshot, service.account->metastore().Read());
  REST_TRY(CheckLocation(service, *snapshot, call, metadata.location));
  const auto path = metadata.properties.find(kMetadataPath);
  if (path != metadata.properties.end()) {
    REST_TRY(CheckLocation(service, *snapshot, call, path->second));
  }
  return {};
}

/// Writes the file in the writer's name.
Reply<LoadedView> Write(const Service& service, FileWriter& files,
                        std::shared_ptr<const ViewMetadata> metadata,
                        const std::string& base_location, int attempt) {
  REST_ASSIGN(const std::string json, SerializeViewMetadata(*metadata));
  LoadedView view{FileLocation(*metadata, base_location, files.writer().id, attempt),
                  std::move(metadata)};
  REST_TRY(files.Announce(view.metadata->location));
  REST_TRY(service.account->tables().storage->Put(view.metadata_location, json,
                                                  storage::PutMode::kIfAbsent));
  return view;
}

/// The object of a new view, and its pointer.
Reply<> MakeObject(Transaction& transaction, const Call& call, const Identifier& identifier,
                   const LoadedView& view) {
  REST_ASSIGN(const Place place, FindSchema(transaction, call, identifier.name_space));
  REST_ASSIGN(const auto taken,
              transaction.FindNamed(place.schema.id, FamilyOf(ObjectKind::kView), identifier.name));
  if (taken) return NameIsTaken(ObjectKind::kView, taken->kind, identifier);
  warehouse::CreateRequest request;
  request.name = {
      .database = place.database.name, .schema = place.schema.name, .name = identifier.name};
  request.definition = DefinitionOf(*view.metadata);
  REST_ASSIGN(const auto outcome, CreateObject(transaction, call.caller, request));
  REST_TRY(SetPointer(transaction, {.id = outcome.id,
                                    .table_uuid = view.metadata->view_uuid,
                                    .location = view.metadata->location,
                                    .metadata_location = view.metadata_location,
                                    .published_ms = 0}));
  return {};
}

/// False: somebody else moved the pointer.
Reply<bool> MovePointer(Transaction& transaction, const Call& call, const Relation& relation,
                        const LoadedView& view) {
  REST_ASSIGN(auto pointer, FindPointer(transaction, relation.head.id));
  REST_ASSIGN(const bool alive, transaction.IsAlive(relation.head.id));
  if (!pointer || !alive || pointer->metadata_location != relation.pointer->metadata_location) {
    return false;
  }
  REST_TRY(AlterObject(transaction, call.caller,
                       {.kind = ObjectKind::kView, .name = relation.name()},
                       [&](const warehouse::ObjectHead&,
                           warehouse::Definition& definition) -> warehouse::StatementResult<> {
                         definition = DefinitionOf(*view.metadata);
                         return {};
                       }));
  pointer->metadata_location = view.metadata_location;
  pointer->location = view.metadata->location;
  REST_TRY(SetPointer(transaction, *pointer));
  return true;
}

}  // namespace

Reply<LoadedView> LoadViewFile(const Service& service, const std::string& location) {
  const auto bytes = service.account->tables().storage->Read(location);
  if (!bytes && bytes.error().kind == ErrorKind::kNotFound) {
    return std::unexpected(
        Failure{404, "NotFoundException",
                fmt::format("Failed to open input stream for file: {}", location)});
  }
  REST_TRY(bytes);
  REST_ASSIGN(auto metadata, iceberg::ParseViewMetadata(*bytes));
  return LoadedView{location, std::make_shared<const ViewMetadata>(std::move(metadata))};
}

Reply<LoadedView> CreateViewOf(const Service& service, const Call& call,
                               const Identifier& identifier,
                               std::span<const iceberg::ViewUpdate> updates) {
  REST_ASSIGN(const auto built,
              iceberg::ApplyViewUpdates(nullptr, updates, service.account->clock().NowMs()));
  REST_TRY(CheckViewLocations(service, call, *built.metadata));
  FileWriter files(service);
  REST_ASSIGN(const LoadedView view, Write(service, files, built.metadata, "", 0));
  REST_TRY(files.Publish(
      [&](Transaction& transaction) { return MakeObject(transaction, call, identifier, view); }));
  return view;
}

Reply<LoadedView> CommitView(const Service& service, const Call& call, const Identifier& identifier,
                             std::span<const iceberg::ViewRequirement> requirements,
                             std::span<const iceberg::ViewUpdate> updates) {
  FileWriter files(service);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    REST_ASSIGN(auto snapshot, service.account->metastore().Read());
    REST_ASSIGN(const Relation relation, FindView(*snapshot, call, identifier));
    REST_ASSIGN(const auto authority, warehouse::Authority::Of(*snapshot, call.caller));
    REST_TRY(authority.Require(relation.head, warehouse::kOwnership));
    snapshot.reset();
    REST_ASSIGN(const LoadedView base, LoadViewFile(service, relation.pointer->metadata_location));
    REST_TRY(iceberg::CheckViewRequirements(*base.metadata, requirements));
    REST_ASSIGN(const auto built, iceberg::ApplyViewUpdates(base.metadata, updates,
                                                            service.account->clock().NowMs()));
    if (!built.changed) return base;
    REST_TRY(CheckViewLocations(service, call, *built.metadata));
    REST_ASSIGN(const LoadedView view,
                Write(service, files, built.metadata, base.metadata_location, attempt));
    bool moved = false;
    const Reply<> published = files.Publish([&](Transaction& transaction) -> Reply<> {
      REST_ASSIGN(moved, MovePointer(transaction, call, relation, view));
      if (!moved) return CommitFailed("");
      return {};
    });
    if (published) return view;
    if (moved || published.error().type != "CommitFailedException") {
      return std::unexpected(published.error());
    }
  }
  return CommitFailed(fmt::format("View {} was changed concurrently", ToString(identifier)));
}

Reply<> RegisterViewAt(const Service& service, const Call& call, const Identifier& identifier,
                       const LoadedView& view) {
  REST_TRY(CheckViewLocations(service, call, *view.metadata));
  return ChangeMetastore(service, [&](Transaction& transaction) {
    return MakeObject(transaction, call, identifier, view);
  });
}

}  // namespace tarn::rest
