// SPDX-License-Identifier: Apache-2.0
#include "iceberg/fsck/fsck.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "iceberg/fsck/run.h"

namespace tarn::iceberg {
namespace {

constexpr std::string_view kMetadataSuffix = ".metadata.json";
constexpr std::string_view kGzipMetadataSuffix = ".metadata.json.gz";

/// Says which table was verified; no deviation even under strict.
constexpr std::string_view kNewestTaken = "newest-metadata-taken";

/// The number before the first `-` (or after `v`) of the file's name, -1 if there is none.
int64_t VersionOf(std::string_view location) {
  std::string_view name = location.substr(location.rfind('/') + 1);
  if (name.starts_with('v')) name.remove_prefix(1);
  int64_t version = -1;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), version);
  return parsed.ec == std::errc() ? version : -1;
}

void CheckSnapshots(fsck::Run& run) {
  for (const auto& snapshot : run.metadata.snapshots) {
    const bool current = run.metadata.current_snapshot_id == snapshot->id;
    if (!current && !run.options.all_snapshots) continue;
    ++run.report.snapshots;
    const auto manifests = fsck::CheckManifestList(run, *snapshot);
    if (!manifests) continue;
    fsck::CheckSnapshotContent(run, *snapshot, *manifests);
    fsck::CheckDeleteScopes(run, *snapshot, *manifests);
    fsck::CheckRowLineage(run, *snapshot, *manifests);
    if (!current) continue;
    for (const fsck::ListedManifest& listed : *manifests) {
      if (listed.line.content == ManifestContent::kData && listed.line.counts_known()) {
        run.report.rows += listed.line.live_rows_count();
      }
    }
  }
  run.report.manifests = static_cast<int64_t>(run.manifests.size());
}

}  // namespace

bool IsMetadataFile(std::string_view location) {
  return location.ends_with(kMetadataSuffix) || location.ends_with(kGzipMetadataSuffix);
}

Result<std::string> FindNewestMetadata(storage::Storage& storage, std::string_view directory) {
  while (directory.ends_with('/')) directory.remove_suffix(1);
  std::optional<storage::ObjectInfo> newest;
  const auto is_newer = [&](const storage::ObjectInfo& object) {
    return !newest || std::pair(VersionOf(object.location), object.modified_ms) >
                          std::pair(VersionOf(newest->location), newest->modified_ms);
  };
  TARN_TRY(storage.List(fmt::format("{}/metadata/", directory),
                        [&](const storage::ObjectInfo& object) -> Result<> {
                          if (IsMetadataFile(object.location) && is_newer(object)) newest = object;
                          return {};
                        }));
  if (!newest) {
    return Fail(ErrorKind::kNotFound, "\"{}\" holds no table: it has no metadata file", directory);
  }
  return newest->location;
}

bool FsckReport::clean(bool strict) const {
  return std::ranges::all_of(findings, [&](const Finding& finding) {
    return finding.severity == Severity::kNote && (!strict || finding.code == kNewestTaken);
  });
}

Result<FsckReport> Fsck(storage::Storage& storage, DataFileReader* reader,
                        std::string_view location, const FsckOptions& options) {
  FsckReport report;
  fsck::Run run{storage, options.read_data ? reader : nullptr, options, report};
  run.metadata_location = location;
  if (!IsMetadataFile(location)) {
    TARN_ASSIGN(run.metadata_location, FindNewestMetadata(storage, location));
    run.Note(kNewestTaken, run.metadata_location,
             "the newest metadata file of the directory was taken; a catalog may name another");
  }
  report.metadata_location = run.metadata_location;
  TARN_ASSIGN(const std::string bytes, storage.Read(run.metadata_location));
  ++report.files_checked;
  auto metadata = ParseTableMetadata(bytes);
  if (!metadata) {
    if (metadata.error().kind == ErrorKind::kUnsupported) {
      return std::unexpected(std::move(metadata).error());
    }
    run.Error("metadata-invalid", run.metadata_location, "{}", metadata.error().message);
    return report;
  }
  run.metadata = *std::move(metadata);
  run.reachable.insert(run.metadata_location);
  fsck::CheckDefinitions(run);
  fsck::CheckHistory(run);
  fsck::CheckMetadataLog(run);
  fsck::CheckStatistics(run);
  CheckSnapshots(run);
  fsck::CheckAddedOnce(run);
  fsck::CheckRowIdHistory(run);
  if (options.read_data) fsck::CheckDeleteContents(run);
  if (options.find_orphans && options.all_snapshots && run.all_read) fsck::FindOrphans(run);
  return report;
}

}  // namespace tarn::iceberg
