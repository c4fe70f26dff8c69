// SPDX-License-Identifier: Apache-2.0
// Manifest lists: header keys, declared schema, lines.
#include <map>
#include <set>

#include "iceberg/avro/container.h"
#include "iceberg/fsck/run.h"
#include "iceberg/manifests/manifest_fields.h"

namespace tarn::iceberg::fsck {
namespace {

/// The specification names no keys for lists, but readers use those that the reference
/// implementation writes.
void CheckHeader(Run& run, std::string_view bytes, const Snapshot& snapshot) {
  const auto container = avro::ContainerReader::Open(bytes);
  if (!container) return;
  const std::string parent =
      snapshot.parent_id ? std::to_string(snapshot.parent_id->value()) : std::string("null");
  std::map<std::string_view, std::string> expected = {
      {manifest_key::kSnapshotId, std::to_string(snapshot.id.value())},
      {manifest_key::kParentSnapshotId, parent},
      {manifest_key::kFormatVersion, std::to_string(run.metadata.format_version)},
  };
  if (run.metadata.format_version >= 2) {
    expected[manifest_key::kSequenceNumber] = std::to_string(snapshot.sequence_number.value());
  }
  for (const auto& [key, value] : expected) {
    const std::string* actual = container->FindMetadata(key);
    if (actual == nullptr) {
      run.Note("list-header-missing", snapshot.manifest_list, "header key \"{}\" is missing", key);
      continue;
    }
    // Lists from before an upgrade keep their version.
    const bool older = key == manifest_key::kFormatVersion && *actual < value;
    if (*actual != value && !older) {
      run.Error("list-header-value", snapshot.manifest_list,
                "header key \"{}\" is \"{}\", not \"{}\"", key, *actual, value);
    }
  }
}

int32_t VersionOf(std::string_view bytes) {
  const auto container = avro::ContainerReader::Open(bytes);
  const std::string* version =
      container ? container->FindMetadata(manifest_key::kFormatVersion) : nullptr;
  if (version != nullptr && version->size() == 1) return (*version)[0] - '0';
  const bool has_numbers = container && container->schema().FindField(list_field::kSequenceNumber,
                                                                      "sequence_number") >= 0;
  return has_numbers ? 2 : 1;
}

void CheckLineNumbers(Run& run, const Snapshot& snapshot, const ManifestFile& line,
                      const std::string& place) {
  if (run.metadata.FindPartitionSpec(line.partition_spec_id) == nullptr) {
    run.Error("manifest-spec-missing", place, "partition spec {} is not in the table",
              line.partition_spec_id.value());
  }
  if (line.sequence_number > snapshot.sequence_number) {
    run.Error("manifest-sequence-number", place, "sequence number {} is above {} of its snapshot",
              line.sequence_number.value(), snapshot.sequence_number.value());
  }
  if (line.added_snapshot_id == snapshot.id && line.sequence_number != snapshot.sequence_number) {
    run.Error("manifest-sequence-number", place,
              "it was added by this snapshot, but has sequence number {}, not {}",
              line.sequence_number.value(), snapshot.sequence_number.value());
  }
  if (line.min_sequence_number > line.sequence_number) {
    run.Error("min-sequence-number", place, "minimum {} is above its sequence number {}",
              line.min_sequence_number.value(), line.sequence_number.value());
  }
  if (line.content == ManifestContent::kDeletes && line.first_row_id) {
    run.Error("delete-manifest-row-id", place, "a delete manifest has a first_row_id");
  }
}

/// Lines are copied from list to list; only what identifies the content may be compared.
void CheckSameLine(Run& run, const ManifestFile& first, const ManifestFile& line,
                   const std::string& place) {
  const bool same = first.manifest_length_bytes == line.manifest_length_bytes &&
                    first.partition_spec_id == line.partition_spec_id &&
                    first.content == line.content &&
                    first.sequence_number == line.sequence_number &&
                    first.min_sequence_number == line.min_sequence_number &&
                    first.added_snapshot_id == line.added_snapshot_id &&
                    first.added_files_count == line.added_files_count &&
                    first.existing_files_count == line.existing_files_count &&
                    first.deleted_files_count == line.deleted_files_count &&
                    first.first_row_id == line.first_row_id;
  if (!same) {
    run.Error("manifest-line-differs", place, "another list describes this manifest differently");
  }
}

}  // namespace

std::optional<std::vector<ListedManifest>> CheckManifestList(Run& run, const Snapshot& snapshot) {
  const std::string& location = snapshot.manifest_list;
  if (location.empty()) {
    run.Note("manifest-list-absent", run.metadata_location, "snapshot {} has no manifest list",
             snapshot.id.value());
    run.reachable.insert(snapshot.manifests.begin(), snapshot.manifests.end());
    run.all_read = false;  // what is in them counts as unknown
    return std::nullopt;
  }
  run.reachable.insert(location);
  ++run.report.files_checked;
  const auto bytes = run.storage.Read(location);
  if (!bytes) {
    const bool missing = bytes.error().kind == ErrorKind::kNotFound;
    run.Error(missing ? "manifest-list-missing" : "manifest-list-unreadable", location, "{}",
              bytes.error().message);
    run.all_read = false;
    return std::nullopt;
  }
  CheckHeader(run, *bytes, snapshot);
  CheckListSchema(run, *bytes, VersionOf(*bytes), location);
  auto lines = DecodeManifestList(*bytes);
  if (!lines) {
    run.Error("manifest-list-unreadable", location, "{}", lines.error().message);
    run.all_read = false;
    return std::nullopt;
  }
  std::vector<ListedManifest> listed;
  std::set<std::string> paths;
  for (ManifestFile& line : *lines) {
    const std::string place =
        fmt::format("{} line {} \"{}\"", location, listed.size(), line.manifest_path);
    if (!paths.insert(line.manifest_path).second) {
      run.Error("manifest-listed-twice", place, "the list names this manifest twice");
    }
    CheckLineNumbers(run, snapshot, line, place);
    const CheckedManifest* content = CheckManifest(run, line);
    CheckSameLine(run, content->line, line, place);
    listed.push_back({std::move(line), content});
  }
  return listed;
}

}  // namespace tarn::iceberg::fsck
