// SPDX-License-Identifier: Apache-2.0
#include "iceberg/commit/file_removal.h"

#include <algorithm>

#include "iceberg/plan/delete_matching.h"
#include "iceberg/plan/file_pruning.h"
#include "iceberg/plan/partition_pruning.h"

namespace tarn::iceberg {
namespace {

/// Version from which deletes of removed files must not stay (spec, "Deletion Vectors").
constexpr int32_t kVectorsVersion = 3;

}  // namespace

FileRemoval::FileRemoval(const ChangeSet& changes, CommitManifests& manifests,
                         SnapshotCounters& counters)
    : changes_(changes),
      manifests_(manifests),
      counters_(counters),
      oldest_data_(manifests.sequence()) {
  const auto want = [](Wanted& wanted, const std::vector<RemovedFile>& files) {
    for (const RemovedFile& file : files) {
      wanted.missing.emplace(DeleteIdentity(file.file), &file);
      if (!file.manifest_path.empty()) wanted.hints.insert(file.manifest_path);
    }
  };
  want(WantedOf(ManifestContent::kData), changes.removed_data_files);
  want(WantedOf(ManifestContent::kDeletes), changes.removed_delete_files);
}

Result<> FileRemoval::RemoveFrom(std::vector<ManifestFile>& listed) {
  TARN_TRY(RemoveContent(ManifestContent::kData, listed));
  if (changes_.data_sequence_number) {
    oldest_data_ = std::min(oldest_data_, *changes_.data_sequence_number);
  }
  for (const ManifestFile& line : listed) {
    if (line.content == ManifestContent::kData && line.live_files_count() > 0) {
      oldest_data_ = std::min(oldest_data_, line.min_sequence_number);
    }
  }
  TARN_TRY(RemoveContent(ManifestContent::kDeletes, listed));
  return CheckAllFound();
}

Result<> FileRemoval::RemoveContent(ManifestContent content, std::vector<ManifestFile>& listed) {
  std::vector<ManifestFile*> unread;
  for (ManifestFile& line : listed) {
    if (line.content != content) continue;
    if (MustRead(line)) {
      TARN_TRY(Rewrite(line));
    } else {
      unread.push_back(&line);
    }
  }
  // What was merged since it was seen; most likely lately.
  for (auto line = unread.rbegin(); line != unread.rend(); ++line) {
    if (WantedOf(content).missing.empty()) break;
    if (MayHoldMissing(**line)) TARN_TRY(Rewrite(**line));
  }
  return {};
}

bool FileRemoval::MustRead(const ManifestFile& line) {
  if (WantedOf(line.content).hints.contains(line.manifest_path)) return true;
  if (line.content == ManifestContent::kDeletes) {
    return std::ranges::any_of(vector_places_, [&](const auto& place) {
      return MayHold(line, place.second.spec_id, place.second.tuple, place.second.sequence);
    });
  }
  if (!changes_.removed_rows) return false;
  const TableMetadata& metadata = manifests_.metadata();
  const PartitionSpec* spec = metadata.FindPartitionSpec(line.partition_spec_id);
  return spec == nullptr || MayMatchSummaries(line.partitions, metadata.current_schema(), *spec,
                                              *changes_.removed_rows);
}

bool FileRemoval::MayHoldMissing(const ManifestFile& line) {
  return std::ranges::any_of(WantedOf(line.content).missing, [&](const auto& missing) {
    const RemovedFile& file = *missing.second;
    return line.min_sequence_number <= file.data_sequence_number &&
           MayHold(line, file.partition_spec_id, file.file.partition, file.data_sequence_number);
  });
}

bool FileRemoval::MayHold(const ManifestFile& line, SpecId spec_id, const std::vector<Value>& tuple,
                          SequenceNumber sequence) const {
  if (line.partition_spec_id != spec_id || line.sequence_number < sequence) return false;
  const PartitionSpec* spec = manifests_.metadata().FindPartitionSpec(spec_id);
  return spec == nullptr ||
         MayHoldPartition(line.partitions, manifests_.metadata().current_schema(), *spec, tuple);
}

Result<> FileRemoval::Rewrite(ManifestFile& line) {
  TARN_ASSIGN(const auto manifest, manifests_.Read(line));
  TARN_ASSIGN(const PartitionSpec* spec, manifests_.SpecOf(line.partition_spec_id));
  std::vector<ManifestEntry> entries;
  bool any_goes = false;
  for (const ManifestEntry& entry : manifest->entries) {
    if (!IsLive(entry)) continue;
    TARN_ASSIGN(const bool goes, Goes(line, *manifest, entry));
    entries.push_back(entry);
    entries.back().status = goes ? EntryStatus::kDeleted : EntryStatus::kExisting;
    if (!goes) continue;
    any_goes = true;
    // The snapshot that deletes, and the numbers that the file had.
    entries.back().snapshot_id = manifests_.snapshot_id();
    counters_.Remove(*spec, entry.data_file);
    if (line.content == ManifestContent::kData) {
      NoteRemovedData(line.partition_spec_id, manifest->header.spec, entry);
    }
  }
  if (!any_goes) return {};
  removed_any_ = true;
  TARN_ASSIGN(line, manifests_.Write(line.content, line.partition_spec_id, manifest->header.schema,
                                     std::move(entries)));
  return {};
}

Result<bool> FileRemoval::Goes(const ManifestFile& line, const Manifest& manifest,
                               const ManifestEntry& entry) {
  Wanted& wanted = WantedOf(line.content);
  const std::string identity = DeleteIdentity(entry.data_file);
  if (wanted.missing.erase(identity) > 0) return true;
  if (line.content == ManifestContent::kDeletes) return DeleteGoes(entry);
  if (!changes_.removed_rows) return false;
  return MatchesFilter(manifest, entry.data_file);
}

Result<bool> FileRemoval::MatchesFilter(const Manifest& manifest, const DataFile& file) const {
  switch (MatchFile(file, manifests_.metadata().current_schema(), manifest.header.spec,
                    *changes_.removed_rows)) {
    case FileMatch::kNone:
      return false;
    case FileMatch::kAll:
      return true;
    default:
      break;
  }
  return std::unexpected(
      Error{ErrorKind::kInvalidArgument,
            fmt::format("cannot delete file \"{}\" where some, but not all, rows match the filter",
                        file.file_path),
            "A filter removes whole files only.",
            "Delete the rows of such files one by one, or rewrite the files."});
}

bool FileRemoval::DeleteGoes(const ManifestEntry& entry) const {
  const DataFile& file = entry.data_file;
  if (file.referenced_data_file && removed_paths_.contains(*file.referenced_data_file)) return true;
  // Numbers of version 1 are all 0 and say nothing.
  const SequenceNumber sequence = entry.sequence_number.value_or(SequenceNumber());
  return sequence > SequenceNumber() && sequence < oldest_data_;
}

void FileRemoval::NoteRemovedData(SpecId spec_id, const PartitionSpec& spec,
                                  const ManifestEntry& entry) {
  removed_paths_.insert(entry.data_file.file_path);
  // Before that version, deletes of files that are gone do no harm, so nothing is read for them.
  if (manifests_.metadata().format_version < kVectorsVersion) return;
  const SequenceNumber sequence = entry.sequence_number.value_or(SequenceNumber());
  const auto [place, added] =
      vector_places_.try_emplace(PartitionKey(spec_id, spec, entry.data_file.partition),
                                 Place{spec_id, entry.data_file.partition, sequence});
  place->second.sequence = std::min(place->second.sequence, sequence);
}

Result<> FileRemoval::CheckAllFound() const {
  for (const Wanted& wanted : wanted_) {
    if (wanted.missing.empty()) continue;
    const auto& [identity, file] = *wanted.missing.begin();
    return std::unexpected(
        Error{ErrorKind::kConflict,
              fmt::format("cannot commit: file \"{}\" is not in table \"{}\" any more",
                          file->file.file_path, manifests_.metadata().location),
              fmt::format("Files that the change removes and the table lacks: {}.",
                          wanted_[0].missing.size() + wanted_[1].missing.size()),
              {}});
  }
  return {};
}

}  // namespace tarn::iceberg
