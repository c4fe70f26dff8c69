// SPDX-License-Identifier: Apache-2.0
#include "warehouse/lake_tables/foreign_metadata.h"

#include <algorithm>
#include <charconv>

#include "table/journal.h"
#include "table/ownership.h"
#include "table/pins.h"
#include "table/table_cache.h"

namespace tarn::warehouse {
namespace {

constexpr std::string_view kSuffixes[] = {".metadata.json", ".gz.metadata.json",
                                          ".metadata.json.gz"};

StatementFailure Outside(std::string_view what, std::string_view location) {
  Error error{
      .kind = ErrorKind::kPermissionDenied,
      .message = fmt::format("{} \"{}\" lies outside of the external volume", what, location),
      .detail = {},
      .hint = "Data and metadata of a table must lie below the volume's STORAGE_BASE_URL."};
  return std::unexpected(
      StatementError{.error = std::move(error), .code = "091109", .sqlstate = "22000"});
}

StatementFailure Unreadable(Error error, std::string_view location) {
  const bool absent = error.kind == ErrorKind::kNotFound;
  error.message =
      absent ? fmt::format("Metadata file '{}' does not exist.", location)
             : fmt::format("Metadata file '{}' cannot be read: {}", location, error.message);
  return std::unexpected(StatementError{
      .error = std::move(error), .code = "091003", .sqlstate = absent ? "02000" : "22000"});
}

std::string_view NameOf(std::string_view location) {
  return location.substr(location.rfind('/') + 1);
}

/// A metadata file and when it came, as a listing tells.
struct Candidate {
  int64_t version = -1;
  int64_t modified_ms = 0;
  std::string location;
  bool operator<(const Candidate& other) const {
    return std::tie(version, modified_ms) < std::tie(other.version, other.modified_ms);
  }
};

Result<std::vector<Candidate>> CandidatesBeside(storage::Storage& storage,
                                                const std::string& location) {
  const std::string folder = location.substr(0, location.rfind('/') + 1);
  std::vector<Candidate> candidates;
  TARN_TRY(storage.List(folder, [&](const storage::ObjectInfo& object) -> Result<> {
    const bool beside = object.location.rfind('/') + 1 == folder.size();
    if (!beside || !IsMetadataFile(object.location)) return {};
    candidates.push_back({.version = VersionInName(object.location).value_or(-1),
                          .modified_ms = object.modified_ms,
                          .location = object.location});
    return {};
  }));
  std::ranges::sort(candidates, [](const Candidate& a, const Candidate& b) { return b < a; });
  return candidates;
}

}  // namespace

bool IsMetadataFile(std::string_view location) {
  return std::ranges::any_of(kSuffixes,
                             [&](std::string_view suffix) { return location.ends_with(suffix); });
}

std::optional<int64_t> VersionInName(std::string_view location) {
  std::string_view name = NameOf(location);
  if (name.starts_with('v')) name.remove_prefix(1);  // of Hadoop's tables: v3.metadata.json
  int64_t version = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), version);
  const bool whole = end != name.data() + name.size() && (*end == '-' || *end == '.');
  if (error != std::errc() || !whole || version < 0) return std::nullopt;
  return version;
}

bool IsOlder(const iceberg::TableMetadata& one, const iceberg::TableMetadata& other) {
  if (one.last_sequence_number != other.last_sequence_number) {
    return one.last_sequence_number < other.last_sequence_number;
  }
  return one.last_updated_ms < other.last_updated_ms;
}

StatementResult<iceberg::LoadedTable> LoadForeignTable(const table::TableContext& context,
                                                       const StorageArea& area,
                                                       const std::string& location) {
  if (!area.Holds(location)) return Outside("metadata file", location);
  auto loaded = context.tables->Load(location);
  if (!loaded) return Unreadable(std::move(loaded).error(), location);
  const iceberg::TableMetadata& metadata = *loaded->metadata;
  // The location names no object: what counts is where its files would be.
  std::string_view folder = metadata.location;
  while (folder.ends_with('/')) folder.remove_suffix(1);
  if (!area.Holds(std::string(folder) + "/data")) return Outside("table", metadata.location);
  const iceberg::Snapshot* const snapshot = metadata.current_snapshot();
  if (snapshot == nullptr) return *std::move(loaded);
  if (auto checked = CheckSnapshotFiles(context, area, *snapshot); !checked) {
    StatementError error = std::move(checked).error();
    if (!error.code.empty()) return std::unexpected(std::move(error));
    return Unreadable(std::move(error.error), location);
  }
  return *std::move(loaded);
}

StatementResult<> CheckSnapshotFiles(const table::TableContext& context, const StorageArea& area,
                                     const iceberg::Snapshot& snapshot) {
  if (!snapshot.manifest_list.empty() && !area.Holds(snapshot.manifest_list)) {
    return Outside("manifest list", snapshot.manifest_list);
  }
  for (const std::string& manifest : snapshot.manifests) {
    if (!area.Holds(manifest)) return Outside("manifest", manifest);
  }
  STATEMENT_ASSIGN(const auto manifests, context.manifests->SnapshotManifests(snapshot));
  for (const iceberg::ManifestFile& manifest : *manifests) {
    if (!area.Holds(manifest.manifest_path)) return Outside("manifest", manifest.manifest_path);
  }
  return {};
}

StatementResult<> CheckPlannedFiles(const StorageArea& area, const iceberg::ScanPlan& plan) {
  const auto check = [&](const std::string& path) -> StatementResult<> {
    if (area.Holds(path)) return {};
    return Outside("file", path);
  };
  for (const iceberg::ScanFile& file : plan.files) {
    STATEMENT_TRY(check(file.file().file_path));
    if (file.deletes == nullptr) continue;
    if (file.deletes->vector) STATEMENT_TRY(check(file.deletes->vector->file().file_path));
    for (const iceberg::DeleteFile& deletes : file.deletes->positions) {
      STATEMENT_TRY(check(deletes.file().file_path));
    }
  }
  for (const iceberg::EqualityDelete& deletes : plan.equality_deletes) {
    STATEMENT_TRY(check(deletes.source.file().file_path));
  }
  return {};
}

StatementResult<std::optional<FoundMetadata>> NewestBeside(const table::TableContext& context,
                                                           const StorageArea& area,
                                                           const std::string& location,
                                                           const Uuid& table_uuid,
                                                           int64_t not_after_ms) {
  STATEMENT_ASSIGN(const auto candidates, CandidatesBeside(*context.storage, location));
  std::optional<FoundMetadata> newest;
  std::optional<int64_t> version;
  for (const Candidate& candidate : candidates) {
    // Names tell the order but for those that share a version; without one, every file is read.
    if (newest && candidate.version >= 0 && candidate.version < *version) break;
    if (candidate.modified_ms > not_after_ms || !area.Holds(candidate.location)) continue;
    auto loaded = context.tables->Load(candidate.location);
    if (!loaded || loaded->metadata->table_uuid != table_uuid) continue;
    if (newest && !IsOlder(*newest->table.metadata, *loaded->metadata)) continue;
    newest = FoundMetadata{*std::move(loaded), candidate.modified_ms};
    version = candidate.version;
  }
  return newest;
}

Result<bool> IsOwned(storage::Storage& storage, const std::string& table_location) {
  const auto owner = table::ReadOwner(storage, table_location);
  // One that cannot be read is one, too.
  return owner || owner.error().kind != ErrorKind::kNotFound;
}

namespace {

std::string PinName(const table::TableContext& context, ObjectId table,
                    iceberg::SnapshotId snapshot) {
  return fmt::format("warehouse-{}-{}-{}", context.journal->node().ToString(), table.value(),
                     snapshot.value());
}

}  // namespace

StatementResult<> PinShown(const table::TableContext& context, const StorageArea& area,
                           ObjectId table, const iceberg::LoadedTable& shown, int64_t until_ms) {
  const iceberg::TableMetadata& metadata = *shown.metadata;
  if (!metadata.current_snapshot_id) return {};
  STATEMENT_ASSIGN(const bool owned, IsOwned(*context.storage, metadata.location));
  if (!owned) return {};
  const auto newest = [&]() -> Result<std::string> {
    TARN_ASSIGN(const auto found, WithoutCode(NewestBeside(context, area, shown.metadata_location,
                                                           metadata.table_uuid)));
    return found ? found->table.metadata_location : shown.metadata_location;
  };
  const auto put = table::PutPin(*context.storage, metadata.location,
                                 {.name = PinName(context, table, *metadata.current_snapshot_id),
                                  .snapshot_id = *metadata.current_snapshot_id,
                                  .metadata_location = shown.metadata_location,
                                  .expires_ms = until_ms},
                                 newest);
  if (put) return {};
  Error error = put.error();
  if (error.kind == ErrorKind::kNotFound) {
    error.message =
        fmt::format("The snapshot of metadata file '{}' has expired.", shown.metadata_location);
    error.hint = "Name the newest metadata file of the table.";
  }
  return std::unexpected(
      StatementError{.error = std::move(error), .code = "091003", .sqlstate = "22000"});
}

Result<> Unpin(const table::TableContext& context, ObjectId table,
               const iceberg::LoadedTable& shown) {
  const iceberg::TableMetadata& metadata = *shown.metadata;
  if (!metadata.current_snapshot_id) return {};
  return table::RemovePin(*context.storage, metadata.location,
                          PinName(context, table, *metadata.current_snapshot_id));
}

}  // namespace tarn::warehouse
