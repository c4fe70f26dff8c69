// SPDX-License-Identifier: Apache-2.0
#include "warehouse/volumes/storage_area.h"

#include <algorithm>

#include "warehouse/catalogue/allowed_locations.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/volumes/compatible_stores.h"

namespace tarn::warehouse {
namespace {

bool IsComponent(std::string_view text) {
  return !text.empty() && text != "." && text != ".." &&
         std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

bool AreComponents(std::string_view path) {
  for (;;) {
    const size_t slash = path.find('/');
    if (!IsComponent(path.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

bool StorageArea::Holds(std::string_view location) const {
  const std::string place = WithS3Scheme(location);
  if (!place.starts_with(base) || !AreComponents(std::string_view(place).substr(base.size()))) {
    return false;
  }
  // An internal base lies in no bucket, and has no integration.
  return !allowed || IsLocationAllowed(place, *allowed, blocked);
}

StatementResult<std::string> StorageArea::Find(std::string_view path) const {
  std::string location = base + std::string(path);
  if (!AreComponents(path) || !Holds(location)) return InvalidParameterValue("path", path);
  return location;
}

StatementResult<std::string> StorageArea::FindPrefix(std::string_view path) const {
  std::string_view folders = path;
  while (!folders.empty() && folders.back() != '/') folders.remove_suffix(1);
  const std::string_view name = path.substr(folders.size());
  if (!folders.empty()) folders.remove_suffix(1);
  const bool sound = (folders.empty() || AreComponents(folders)) &&
                     (name.empty() || name == "." || IsComponent(name)) && !path.starts_with('/');
  if (!sound) return InvalidParameterValue("path", path);
  return base + std::string(path);
}

std::string InternalStageBase(std::string_view stages_location, ObjectId stage) {
  return fmt::format("{}/{}/", stages_location, stage.value());
}

StatementResult<std::string> CheckedBaseUrl(std::string_view option, std::string_view url) {
  auto normal = NormalizeBucketLocation(url);
  if (normal) return *std::move(normal);
  StatementFailure failure = InvalidParameterValue(option, url);
  failure.error().error.detail = std::move(normal).error().detail;
  return failure;
}

StatementResult<StorageArea> AreaOf(const StorageLocation& location) {
  StorageArea area;
  if (location.provider == kCompatibleProvider) {
    STATEMENT_ASSIGN(area.base, CompatibleBase(location));
    return area;
  }
  if (location.provider != "S3" && location.provider != "S3GOV" && location.provider != "S3CHINA") {
    return UnsupportedFeature(
        fmt::format("storage location '{}' of provider {}", location.name, location.provider));
  }
  STATEMENT_ASSIGN(area.base, CheckedBaseUrl("STORAGE_BASE_URL", location.base_url));
  return area;
}

const StorageLocation& ActiveLocation(const ExternalVolume& volume) {
  const auto active = std::ranges::find(volume.locations, volume.active, &StorageLocation::name);
  return active == volume.locations.end() ? volume.locations.at(0) : *active;
}

StatementResult<StorageArea> AreaOf(const ExternalVolume& volume) {
  if (volume.locations.empty()) return MissingOption("STORAGE_LOCATIONS");
  return AreaOf(ActiveLocation(volume));
}

StatementResult<StorageArea> AreaOf(const Snapshot& snapshot, ObjectId id, const Stage& stage,
                                    std::string_view stages_location) {
  StorageArea area;
  if (stage.url.empty()) {
    area.base = InternalStageBase(stages_location, id);
    return area;
  }
  if (!stage.endpoint.empty()) return UnsupportedFeature("stages with an ENDPOINT");
  STATEMENT_ASSIGN(area.base, CheckedBaseUrl("URL", stage.url));
  if (!stage.storage_integration) return area;
  STATEMENT_ASSIGN(const auto integration,
                   snapshot.Find<StorageIntegration>(*stage.storage_integration));
  STATEMENT_ASSIGN(const auto head, snapshot.FindHead(*stage.storage_integration));
  if (!integration || !head || head->dropped_ms) {
    return CompilationError("003139", "22023", "The stage's storage integration was dropped.");
  }
  if (!integration->enabled) {
    return CompilationError("003141", "22023",
                            fmt::format("Integration '{}' is not enabled.", head->name));
  }
  area.allowed = integration->allowed_locations;
  area.blocked = integration->blocked_locations;
  return area;
}

}  // namespace tarn::warehouse
