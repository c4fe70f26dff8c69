// SPDX-License-Identifier: Apache-2.0
#include "warehouse/managed_tables/table_place.h"

#include "warehouse/catalogue/names.h"
#include "warehouse/metastore/parameters.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/volumes/storage_area.h"

namespace tarn::warehouse {
namespace {

constexpr const char* kVolumeParameter = "EXTERNAL_VOLUME";
/// The account's own directory, by the name that Snowflake has for storage of its own.
constexpr const char* kManagedVolume = "SNOWFLAKE_MANAGED";
constexpr size_t kSuffixDigits = 8;

std::string WithoutSlash(std::string path) {
  while (path.ends_with('/')) path.pop_back();
  return path;
}

StatementResult<std::string> VolumeNameOf(const Snapshot& snapshot, const Place& place,
                                          const PlaceRequest& request) {
  if (request.external_volume) return *request.external_volume;
  if (!request.declared_iceberg) return std::string();
  STATEMENT_ASSIGN(const auto parameter,
                   FindParameter(snapshot, place.schema.id, kVolumeParameter));
  return parameter ? parameter->value : std::string();
}

}  // namespace

StatementResult<TablePlace> PlaceOfNewTable(const Account& account, const Snapshot& snapshot,
                                            const Caller& caller, const Place& place,
                                            const PlaceRequest& request) {
  const std::string uuid = request.table_uuid.ToString();
  STATEMENT_ASSIGN(const std::string written, VolumeNameOf(snapshot, place, request));
  if (written.empty() || written == kManagedVolume) {
    if (request.base_location) {
      return UnsupportedFeature("BASE_LOCATION of a table without an EXTERNAL_VOLUME");
    }
    return TablePlace{.location = account.tables_location() + "/" + uuid,
                      .external_volume = std::nullopt,
                      .base_location = {}};
  }
  auto name = ParseObjectName(written);
  if (!name) return InvalidParameterValue(kVolumeParameter, written);
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  STATEMENT_ASSIGN(const ObjectHead head,
                   Resolve(snapshot, caller, authority, ObjectKind::kExternalVolume, *name,
                           "CREATE ICEBERG TABLE"));
  STATEMENT_TRY(authority.Require(head, kUsage));
  STATEMENT_ASSIGN(const auto volume, snapshot.Find<ExternalVolume>(head.id));
  if (!volume) return DoesNotExist(ObjectKind::kExternalVolume, head.name);
  if (!volume->allow_writes) {
    return CompilationError(
        "093523", "22023",
        fmt::format("External volume '{}' does not allow writes (ALLOW_WRITES).", head.name));
  }
  STATEMENT_ASSIGN(const StorageArea area, AreaOf(*volume));
  TablePlace result{.location = {},
                    .external_volume = head.id,
                    .base_location = request.base_location.value_or("")};
  std::string path = WithoutSlash(result.base_location);
  if (path.empty()) {
    path = fmt::format("{}/{}/{}", place.database.name, place.schema.name, request.table);
  }
  STATEMENT_ASSIGN(result.location, area.Find(path + "." + uuid.substr(0, kSuffixDigits)));
  return result;
}

}  // namespace tarn::warehouse
