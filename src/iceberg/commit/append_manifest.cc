// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "iceberg/commit/commit.h"
#include "iceberg/commit/commit_files.h"
#include "iceberg/manifests/manifest_codec.h"

namespace tarn::iceberg {

Result<EncodedManifest> EncodeAppendManifest(const CommitContext& context,
                                             const TableMetadata& table, const Schema& schema,
                                             std::vector<DataFile> files, SnapshotId snapshot_id,
                                             int32_t ordinal) {
  const PartitionSpec* spec = table.FindPartitionSpec(table.default_spec_id);
  if (spec == nullptr) {
    return Fail(ErrorKind::kInternal, "table \"{}\" lacks its default partition spec",
                table.location);
  }
  const ManifestHeader header{.schema = schema,
                              .spec = *spec,
                              .content = ManifestContent::kData,
                              .format_version = table.format_version};
  std::vector<ManifestEntry> entries;
  entries.reserve(files.size());
  for (DataFile& file : files) {
    // Sequence numbers stay absent: they are inherited from whichever commit publishes the
    // manifest.
    entries.push_back(
        {.status = EntryStatus::kAdded, .snapshot_id = snapshot_id, .data_file = std::move(file)});
  }
  TARN_ASSIGN(std::string bytes, EncodeManifest(header, entries));
  ManifestFile manifest = SummarizeManifest(header, entries, snapshot_id);
  manifest.manifest_path = MetadataFile(
      table.location, fmt::format("{}-m{}.avro", context.transaction.ToString(), ordinal));
  manifest.manifest_length_bytes = static_cast<int64_t>(bytes.size());
  return EncodedManifest{std::move(manifest), std::move(bytes)};
}

Result<ManifestFile> WriteAppendManifest(const CommitContext& context, const TableMetadata& table,
                                         const Schema& schema, std::vector<DataFile> files,
                                         SnapshotId snapshot_id, int32_t ordinal) {
  TARN_ASSIGN(EncodedManifest encoded,
              EncodeAppendManifest(context, table, schema, std::move(files), snapshot_id, ordinal));
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

}  // namespace tarn::iceberg
