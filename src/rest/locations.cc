// SPDX-License-Identifier: Apache-2.0
#include "rest/locations.h"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "base/location_text.h"
#include "iceberg/manifests/manifest_cache.h"
#include "warehouse/catalogue/authority.h"
#include "warehouse/metastore/namespace_properties.h"
#include "warehouse/metastore/parameters.h"
#include "warehouse/metastore/stored_value.h"
#include "warehouse/objects/integration.h"
#include "warehouse/volumes/storage_area.h"

namespace tarn::rest {
namespace {

using iceberg::TableMetadata;
using warehouse::Authority;
using warehouse::Snapshot;

constexpr std::array kPathProperties = {"write.metadata.path", "write.data.path",
                                        "write.object-storage.path", "write.folder-storage.path"};

constexpr const char* kStatisticsFile = "statistics file";

bool IsBelow(const std::string& location, const std::string& place) {
  return location.size() > place.size() && IsWithinLocation(location, place);
}

/// Below the account's own directory, or where its operator allows tables. A table of these
/// directories themselves would hold everybody's later ones.
bool IsAllowed(const Service& service, const std::string& canonical) {
  if (IsBelow(canonical, CanonicalLocation(service.account->tables_location()))) return true;
  return std::ranges::any_of(service.options.allowed_locations, [&](const std::string& prefix) {
    return IsBelow(canonical, CanonicalLocation(prefix));
  });
}

/// Whether a storage of ours opens locations of this form: buckets, tables, internal stages. What
/// it allows of them is not asked, since it allows more than tables may use.
bool HasOurScheme(const std::string& canonical) {
  return canonical.starts_with("s3://") || canonical.starts_with("file://");
}

/// Whether it lies in an external volume that the caller may use and that may be written to.
Reply<bool> IsInVolume(const Snapshot& snapshot, const Authority& authority,
                       const std::string& canonical) {
  REST_ASSIGN(const auto volumes,
              snapshot.Objects<warehouse::ExternalVolume>("WHERE o.dropped_ms IS NULL"));
  for (const auto& volume : volumes) {
    const bool holds = std::ranges::any_of(
        volume.value.locations, [&](const warehouse::StorageLocation& location) {
          const auto area = warehouse::AreaOf(location);
          return area && IsWithinLocation(canonical, CanonicalLocation(area->base));
        });
    if (!holds || !volume.value.allow_writes) continue;
    REST_ASSIGN(const bool may, authority.Has(volume.head, warehouse::kUsage));
    if (may) return true;
  }
  return false;
}

/// What the parameter EXTERNAL_VOLUME of a schema (or its containers) says; "" = none.
Reply<std::string> VolumeBaseOf(const Snapshot& snapshot, warehouse::ObjectId schema) {
  REST_ASSIGN(const auto parameter, FindParameter(snapshot, schema, "EXTERNAL_VOLUME"));
  if (!parameter) return std::string();
  REST_ASSIGN(const auto head, snapshot.FindNamed(warehouse::kAccountId,
                                                  FamilyOf(warehouse::ObjectKind::kExternalVolume),
                                                  parameter->value));
  if (!head) return std::string();
  REST_ASSIGN(const auto volume, snapshot.Find<warehouse::ExternalVolume>(head->id));
  if (!volume || volume->locations.empty()) return std::string();
  const auto area = warehouse::AreaOf(*volume);
  return area ? area->base : std::string();
}

bool HasDots(const std::string& canonical) {
  const std::string path = canonical + "/";
  return path.find("/../") != std::string::npos || path.find("/./") != std::string::npos;
}

/// One text for one place: no empty components, none that are dots. Escapes ("%2e") are no matter,
/// since nobody of ours decodes them.
bool IsSound(const std::string& canonical) {
  constexpr std::string_view kScheme = "://";
  const size_t scheme = canonical.find(kScheme);
  if (scheme == std::string::npos || HasDots(canonical)) return false;
  const std::string_view path = std::string_view(canonical).substr(scheme + kScheme.size());
  return !path.empty() && path.find("//") == std::string_view::npos &&
         std::ranges::none_of(path, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

/// Where the table's own files may lie.
std::vector<std::string> PlacesOf(const TableMetadata& metadata) {
  std::vector<std::string> places = {CanonicalLocation(metadata.location)};
  for (const char* property : kPathProperties) {
    const auto found = metadata.properties.find(property);
    if (found != metadata.properties.end()) places.push_back(CanonicalLocation(found->second));
  }
  return places;
}

bool IsInPlaces(const std::string& canonical, const std::vector<std::string>& places) {
  return std::ranges::any_of(
      places, [&](const std::string& place) { return IsWithinLocation(canonical, place); });
}

/// Checks what one commit names.
class FileChecker {
 public:
  FileChecker(const Service& service, const TableMetadata* base, const TableMetadata& metadata)
      : service_(service), base_(base), metadata_(metadata), places_(PlacesOf(metadata)) {}

  Reply<> Check(const iceberg::Snapshot& snapshot) {
    if (!snapshot.has_manifest_array()) REST_TRY(CheckOwn("manifest list", snapshot.manifest_list));
    REST_TRY(Remember(snapshot.parent_id));
    auto manifests = service_.account->tables().manifests->SnapshotManifests(snapshot);
    if (!manifests) {
      return BadRequest(fmt::format("Cannot read the manifests of snapshot {}: {}",
                                    snapshot.id.value(), manifests.error().message));
    }
    for (const iceberg::ManifestFile& file : **manifests) {
      if (!known_.insert(file.manifest_path).second) continue;
      REST_TRY(CheckOwn("manifest", file.manifest_path));
      REST_TRY(CheckEntries(file));
    }
    return {};
  }

  /// Of what lies in no place of ours nothing can be read through us either.
  Reply<> CheckNamed(const char* what, const std::string& location) const {
    const std::string canonical = CanonicalLocation(location);
    if (IsSound(canonical) && IsInPlaces(canonical, places_)) return {};
    if (!HasOurScheme(canonical) && !HasDots(canonical)) return {};
    return Forbidden(fmt::format("The {} {} is outside the table's location {}", what, location,
                                 metadata_.location));
  }

 private:
  /// Manifests of what the table has already were checked when they came.
  Reply<> Remember(const std::optional<iceberg::SnapshotId>& id) {
    if (base_ == nullptr || !id) return {};
    const iceberg::Snapshot* parent = base_->FindSnapshot(*id);
    if (parent == nullptr) return {};
    const auto manifests = service_.account->tables().manifests->SnapshotManifests(*parent);
    if (!manifests) return {};  // gone: then everything is looked at
    for (const iceberg::ManifestFile& file : **manifests) known_.insert(file.manifest_path);
    return {};
  }

  Reply<> CheckOwn(const char* what, const std::string& location) const {
    const std::string canonical = CanonicalLocation(location);
    if (IsSound(canonical) && IsInPlaces(canonical, places_)) return {};
    return Forbidden(fmt::format("The {} {} is outside the table's location {}", what, location,
                                 metadata_.location));
  }

  Reply<> CheckEntries(const iceberg::ManifestFile& file) const {
    const auto manifest = service_.account->tables().manifests->ReadManifest(file);
    if (!manifest) {
      return BadRequest(
          fmt::format("Cannot read manifest {}: {}", file.manifest_path, manifest.error().message));
    }
    for (const iceberg::ManifestEntry& entry : (*manifest)->entries) {
      REST_TRY(CheckNamed("data file", entry.data_file.file_path));
    }
    return {};
  }

  const Service& service_;
  const TableMetadata* const base_;
  const TableMetadata& metadata_;
  const std::vector<std::string> places_;
  std::set<std::string> known_;
};

/// Tables whose places meet `canonical`, whoever may see them.
Result<std::vector<warehouse::ObjectId>> TablesAt(const Snapshot& snapshot,
                                                  const std::string& canonical) {
  TARN_ASSIGN(auto rows,
              warehouse::Select(snapshot.connection(), "SELECT id, location FROM table_pointer"));
  std::vector<warehouse::ObjectId> tables;
  for (;;) {
    TARN_ASSIGN(const bool more, rows.Next());
    if (!more) return tables;
    const std::string other = CanonicalLocation(rows.Text(1));
    if (other.empty()) continue;
    if (IsWithinLocation(other, canonical) || IsWithinLocation(canonical, other)) {
      tables.emplace_back(rows.Int(0));
    }
  }
}

}  // namespace

Reply<> CheckLocation(const Service& service, const Snapshot& snapshot, const Call& call,
                      const std::string& location) {
  const std::string canonical = CanonicalLocation(location);
  if (!IsSound(canonical)) return BadRequest(fmt::format("Invalid location: {}", location));
  REST_ASSIGN(const Authority authority, Authority::Of(snapshot, call.caller));
  REST_ASSIGN(const bool in_volume, IsInVolume(snapshot, authority, canonical));
  if (!in_volume && !IsAllowed(service, canonical)) {
    return Forbidden(fmt::format("Location {} is outside the allowed locations", location));
  }
  REST_ASSIGN(const auto tables, TablesAt(snapshot, canonical));
  for (const warehouse::ObjectId table : tables) {
    REST_ASSIGN(const auto head, snapshot.FindHead(table));
    if (head && !authority.Owns(*head)) {
      return Forbidden(fmt::format("Location {} belongs to another table", location));
    }
  }
  return {};
}

Reply<> CheckLocations(const Service& service, const Snapshot& snapshot, const Call& call,
                       const TableMetadata& metadata) {
  REST_TRY(CheckLocation(service, snapshot, call, metadata.location));
  for (const char* property : kPathProperties) {
    const auto found = metadata.properties.find(property);
    if (found == metadata.properties.end()) continue;
    REST_TRY(CheckLocation(service, snapshot, call, found->second));
  }
  return {};
}

Reply<> CheckAddedFiles(const Service& service, const TableMetadata* base,
                        const TableMetadata& metadata,
                        std::span<const iceberg::MetadataUpdate> updates) {
  FileChecker checker(service, base, metadata);
  for (const iceberg::MetadataUpdate& update : updates) {
    if (const auto* added = std::get_if<iceberg::AddSnapshot>(&update)) {
      REST_TRY(checker.Check(added->snapshot));
    } else if (const auto* set = std::get_if<iceberg::SetStatistics>(&update)) {
      REST_TRY(checker.CheckNamed(kStatisticsFile, set->statistics.path));
    } else if (const auto* of_partitions = std::get_if<iceberg::SetPartitionStatistics>(&update)) {
      REST_TRY(checker.CheckNamed(kStatisticsFile, of_partitions->statistics.path));
    }
  }
  return {};
}

Reply<> CheckAllFiles(const Service& service, const TableMetadata& metadata) {
  FileChecker checker(service, nullptr, metadata);
  for (const iceberg::CommittedSnapshot& snapshot : metadata.snapshots) {
    REST_TRY(checker.Check(*snapshot));
  }
  for (const auto* files : {&metadata.statistics, &metadata.partition_statistics}) {
    for (const iceberg::StatisticsFile& file : *files) {
      REST_TRY(checker.CheckNamed(kStatisticsFile, file.path));
    }
  }
  return {};
}

Reply<std::string> DefaultPlace(const Service& service, const Snapshot& snapshot,
                                warehouse::ObjectId schema) {
  REST_ASSIGN(const auto properties, NamespaceProperties(snapshot, schema));
  const auto base = properties.find("location");
  std::string place;
  if (base != properties.end()) {
    place = base->second;
  } else {
    REST_ASSIGN(place, VolumeBaseOf(snapshot, schema));
  }
  while (place.ends_with('/')) place.pop_back();
  return place.empty() ? service.account->tables_location() : place;
}

Reply<std::string> DefaultLocation(const Service& service, const Snapshot& snapshot,
                                   const Call& call, const warehouse::ObjectHead& name_space,
                                   const std::string& name, const Uuid& uuid) {
  REST_ASSIGN(const std::string place, DefaultPlace(service, snapshot, name_space.id));
  if (place == service.account->tables_location()) return place + "/" + uuid.ToString();
  std::string location = place + "/" + name;
  REST_ASSIGN(const auto tables, TablesAt(snapshot, CanonicalLocation(location)));
  if (!tables.empty()) location += "-" + uuid.ToString().substr(0, 8);
  REST_TRY(CheckLocation(service, snapshot, call, location));
  return location;
}

}  // namespace tarn::rest
