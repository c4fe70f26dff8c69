// SPDX-License-Identifier: Apache-2.0
#include "iceberg/commit/commit_manifests.h"

#include <algorithm>

#include "iceberg/commit/entry_schema.h"

namespace tarn::iceberg {
namespace {

/// Smallest data sequence number of live files; that of the commit if there are none.
SequenceNumber MinSequence(const std::vector<ManifestEntry>& entries, SequenceNumber commit) {
  SequenceNumber smallest = commit;
  for (const ManifestEntry& entry : entries) {
    if (IsLive(entry)) smallest = std::min(smallest, entry.sequence_number.value_or(commit));
  }
  return smallest;
}

}  // namespace

CommitManifests::CommitManifests(const CommitContext& context, const TableMetadata& metadata,
                                 SnapshotId snapshot_id, SequenceNumber sequence,
                                 const CommitFileNames& names, CommitFiles& files)
    : context_(context),
      metadata_(metadata),
      snapshot_id_(snapshot_id),
      sequence_(sequence),
      names_(names),
      files_(files) {}

Result<const PartitionSpec*> CommitManifests::SpecOf(SpecId spec_id) const {
  const PartitionSpec* spec = metadata_.FindPartitionSpec(spec_id);
  if (spec != nullptr) return spec;
  return Fail(ErrorKind::kCorruption, "table \"{}\" lacks partition spec {}, which manifests use",
              metadata_.location, spec_id.value());
}

Result<std::shared_ptr<const Manifest>> CommitManifests::Read(const ManifestFile& file) {
  return context_.cache->ReadManifest(file);
}

Result<Manifest> CommitManifests::ReadAppended(const ManifestFile& file) {
  TARN_ASSIGN(const std::string bytes, context_.storage->Read(file.manifest_path));
  return DecodeManifest(bytes, file);
}

Result<ManifestFile> CommitManifests::Write(ManifestContent content, SpecId spec_id,
                                            const Schema& written,
                                            std::vector<ManifestEntry> entries) {
  TARN_ASSIGN(std::optional<ManifestFile> file,
              TryWrite(content, spec_id, written, std::move(entries)));
  if (file) return *std::move(file);
  return Fail(ErrorKind::kUnsupported,
              "files of partition spec {} of table \"{}\" can't be removed: its transforms are "
              "unknown",
              spec_id.value(), metadata_.location);
}

Result<std::optional<ManifestFile>> CommitManifests::TryWrite(ManifestContent content,
                                                              SpecId spec_id, const Schema& written,
                                                              std::vector<ManifestEntry> entries) {
  TARN_ASSIGN(const PartitionSpec* spec, SpecOf(spec_id));
  std::optional<Schema> schema = SchemaOfEntries(metadata_, *spec, written, entries);
  if (!schema) return std::nullopt;
  ManifestHeader header{.schema = *std::move(schema),
                        .spec = *spec,
                        .content = content,
                        .format_version = metadata_.format_version};
  TARN_ASSIGN(std::string bytes, EncodeManifest(header, entries));
  ManifestFile file = SummarizeManifest(header, entries, snapshot_id_);
  file.manifest_path = names_.Manifest(next_ordinal_++);
  file.manifest_length_bytes = static_cast<int64_t>(bytes.size());
  file.sequence_number = sequence_;
  file.min_sequence_number = MinSequence(entries, sequence_);
  files_.Add(file.manifest_path, std::move(bytes));
  if (file.live_files_count() > 0) {
    written_.push_back({file.manifest_path, Manifest{std::move(header), std::move(entries)}});
  }
  return file;
}

Result<std::optional<ManifestFile>> CommitManifests::Merge(
    std::span<const ManifestFile> manifests) {
  std::vector<ManifestEntry> entries;
  std::shared_ptr<const Manifest> manifest;
  for (const ManifestFile& file : manifests) {
    TARN_ASSIGN(manifest, Read(file));
    for (const ManifestEntry& entry : manifest->entries) {
      if (!IsLive(entry)) continue;
      // Snapshot id, sequence numbers and row ids were inherited on reading and are written out
      // from now on.
      entries.push_back(entry);
      entries.back().status = EntryStatus::kExisting;
    }
  }
  const auto count = static_cast<int64_t>(entries.size());
  TARN_ASSIGN(std::optional<ManifestFile> merged,
              TryWrite(manifests.front().content, manifests.front().partition_spec_id,
                       manifest->header.schema, std::move(entries)));
  if (merged) merged_entries_ += count;
  return merged;
}

void CommitManifests::FillCache(std::span<const ManifestFile> listed) {
  for (WrittenManifest& written : written_) {
    const auto line = std::ranges::find(listed, written.path, &ManifestFile::manifest_path);
    if (line != listed.end()) context_.cache->AddManifest(*line, std::move(written.manifest));
  }
  written_.clear();
}

}  // namespace tarn::iceberg
