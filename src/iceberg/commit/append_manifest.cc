// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "iceberg/commit/commit.h"
#include "iceberg/commit/commit_files.h"
#include "iceberg/manifests/manifest_codec.h"

namespace tarn::iceberg {

Result<EncodedManifest> EncodeManifestOf(const CommitContext& context, const TableMetadata& table,
                                         const Schema& schema, NewFiles files,
                                         SnapshotId snapshot_id, int32_t ordinal) {
  const SpecId spec_id = files.partition_spec_id.value_or(table.default_spec_id);
  const PartitionSpec* spec = table.FindPartitionSpec(spec_id);
  if (spec == nullptr) {
    return Fail(ErrorKind::kInternal, "table \"{}\" lacks partition spec {}", table.location,
                spec_id.value());
  }
  const bool data = files.files.empty() || files.files.front().content == FileContent::kData;
  const ManifestHeader header{.schema = schema,
                              .spec = *spec,
                              .content = data ? ManifestContent::kData : ManifestContent::kDeletes,
                              .format_version = table.format_version};
  std::vector<ManifestEntry> entries;
  entries.reserve(files.files.size());
  for (DataFile& file : files.files) {
    // Row ids come from the commit, whatever a reader of another table found.
    file.first_row_id.reset();
    // Sequence numbers stay absent: they are inherited from whichever commit publishes the
    // manifest.
    entries.push_back({.status = EntryStatus::kAdded,
                       .snapshot_id = snapshot_id,
                       .sequence_number = files.data_sequence_number,
                       .data_file = std::move(file)});
  }
  TARN_ASSIGN(std::string bytes, EncodeManifest(header, entries));
  ManifestFile manifest = SummarizeManifest(header, entries, snapshot_id);
  manifest.manifest_path = MetadataFile(
      table.location, fmt::format("{}-m{}.avro", context.transaction.ToString(), ordinal));
  manifest.manifest_length_bytes = static_cast<int64_t>(bytes.size());
  return EncodedManifest{std::move(manifest), std::move(bytes)};
}

Result<ManifestFile> WriteManifestOf(const CommitContext& context, const TableMetadata& table,
                                     const Schema& schema, NewFiles files, SnapshotId snapshot_id,
                                     int32_t ordinal) {
  TARN_ASSIGN(EncodedManifest encoded,
              EncodeManifestOf(context, table, schema, std::move(files), snapshot_id, ordinal));
  ManifestFile& manifest = encoded.file;
  Result<> put =
      context.storage->Put(manifest.manifest_path, encoded.bytes, storage::PutMode::kIfAbsent);
  if (put) return manifest;
  if (put.error().kind == ErrorKind::kCommitStateUnknown) {
    // Nothing refers to the file, so no commit is in doubt.
    (void)context.storage->Delete(manifest.manifest_path);
    put.error().kind = ErrorKind::kUnavailable;
  }
  return std::unexpected<Error>(std::move(put).error());
}

Result<EncodedManifest> EncodeAppendManifest(const CommitContext& context,
                                             const TableMetadata& table, const Schema& schema,
                                             std::vector<DataFile> files, SnapshotId snapshot_id,
                                             int32_t ordinal) {
  return EncodeManifestOf(context, table, schema, {.files = std::move(files)}, snapshot_id,
                          ordinal);
}

Result<ManifestFile> WriteAppendManifest(const CommitContext& context, const TableMetadata& table,
                                         const Schema& schema, std::vector<DataFile> files,
                                         SnapshotId snapshot_id, int32_t ordinal) {
  return WriteManifestOf(context, table, schema, {.files = std::move(files)}, snapshot_id, ordinal);
}

}  // namespace tarn::iceberg
