// SPDX-License-Identifier: Apache-2.0
// Scopes of delete files (spec, "Scan Planning", "Delete Formats").
#include "iceberg/plan/delete_matching.h"

#include <algorithm>
#include <utility>

#include "iceberg/model/metadata_columns.h"

namespace tarn::iceberg {
namespace {

SequenceNumber SequenceOf(const ManifestEntry& entry) {
  return entry.sequence_number.value_or(SequenceNumber(0));
}

std::unexpected<Error> Corrupt(const DeleteFile& source, std::string what) {
  return Fail(ErrorKind::kCorruption, "delete file \"{}\" {}", source.file().file_path, what);
}

/// False only if no row of a position delete file can name the path. Bounds may be cut off, an
/// upper one without being rounded up.
bool MayName(const DataFile& deletes, std::string_view path) {
  const std::string* lower = deletes.lower_bounds.ValueOf(metadata_column::kDeletePath);
  const std::string* upper = deletes.upper_bounds.ValueOf(metadata_column::kDeletePath);
  return (lower == nullptr || path >= *lower) &&
         (upper == nullptr || path <= *upper || path.starts_with(*upper));
}

}  // namespace

bool IsDeletionVector(const DataFile& file) {
  return file.content == FileContent::kPositionDeletes && file.file_format == "PUFFIN";
}

std::string DeleteIdentity(const DataFile& file) {
  if (!file.content_offset) return file.file_path;
  return file.file_path + "#" + std::to_string(*file.content_offset);
}

DeleteMatcher::DeleteMatcher(ScanPlan& plan) : plan_(plan), found_(plan.files.size()) {
  partition_of_.reserve(plan.files.size());
  for (size_t i = 0; i < plan.files.size(); ++i) {
    const ScanFile& file = plan.files[i];
    by_path_.emplace(file.file().file_path, i);
    const auto [at, added] = partitions_.try_emplace(
        PartitionKey(file.spec_id, file.manifest->header.spec, file.file().partition),
        static_cast<int32_t>(files_in_.size()));
    if (added) files_in_.emplace_back();
    files_in_[static_cast<size_t>(at->second)].push_back(i);
    partition_of_.push_back(at->second);
  }
  newest_equality_.assign(files_in_.size(), -1);
}

Result<> DeleteMatcher::Match(const ManifestFile& line,
                              const std::shared_ptr<const Manifest>& manifest) {
  for (const ManifestEntry& entry : manifest->entries) {
    if (entry.status == EntryStatus::kDeleted) continue;
    const DeleteFile source{manifest, &entry};
    if (!entry.sequence_number) return Corrupt(source, "has no sequence number");
    switch (source.file().content) {
      case FileContent::kPositionDeletes:
        TARN_TRY(IsDeletionVector(source.file()) ? MatchVector(line, source)
                                                 : MatchPositions(line, source));
        break;
      case FileContent::kEqualityDeletes:
        TARN_TRY(MatchEquality(line, source));
        break;
      default:
        return Corrupt(source, "is listed as a data file in a manifest of deletes");
    }
  }
  return {};
}

int32_t DeleteMatcher::FindPartition(const ManifestFile& line, const DeleteFile& source) const {
  const auto found = partitions_.find(
      PartitionKey(line.partition_spec_id, source.manifest->header.spec, source.file().partition));
  return found == partitions_.end() ? -1 : found->second;
}

FileDeletes& DeleteMatcher::DeletesOf(size_t file) {
  if (!found_[file]) {
    found_[file] = std::make_shared<FileDeletes>();
    found_[file]->partition = partition_of_[file];
  }
  return *found_[file];
}

Result<> DeleteMatcher::MatchVector(const ManifestFile& line, const DeleteFile& source) {
  const DataFile& vector = source.file();
  if (!vector.referenced_data_file || !vector.content_offset || !vector.content_size_bytes) {
    return Corrupt(source,
                   "holds a deletion vector, but its entry lacks the data file or the place "
                   "in the file");
  }
  const auto found = by_path_.find(*vector.referenced_data_file);
  if (found == by_path_.end()) return {};
  const size_t file = found->second;
  if (source.sequence_number() < SequenceOf(*plan_.files[file].entry)) {
    return Corrupt(source,
                   fmt::format("holds a deletion vector of sequence number {} for \"{}\", "
                               "which is newer",
                               source.sequence_number().value(), *vector.referenced_data_file));
  }
  if (FindPartition(line, source) != partition_of_[file]) {
    return Corrupt(source, fmt::format("holds a deletion vector for \"{}\", which is in another "
                                       "partition",
                                       *vector.referenced_data_file));
  }
  FileDeletes& deletes = DeletesOf(file);
  if (deletes.vector) {
    return Corrupt(source,
                   fmt::format("holds a second deletion vector for \"{}\"; the first is in "
                               "\"{}\"",
                               *vector.referenced_data_file, deletes.vector->file().file_path));
  }
  deletes.vector = source;
  return {};
}

Result<> DeleteMatcher::AddPositions(size_t file, const DeleteFile& source) {
  if (source.sequence_number() < SequenceOf(*plan_.files[file].entry)) return {};
  const DataFile& deletes = source.file();
  if (deletes.file_format != "PARQUET") {
    return Fail(ErrorKind::kUnsupported, "delete file \"{}\" has format {}, not Parquet",
                deletes.file_path, deletes.file_format);
  }
  DeletesOf(file).positions.push_back(source);
  return {};
}

Result<> DeleteMatcher::MatchPositions(const ManifestFile& line, const DeleteFile& source) {
  const DataFile& deletes = source.file();
  if (deletes.record_count == 0) return {};
  const int32_t partition = FindPartition(line, source);
  if (deletes.referenced_data_file) {
    const auto found = by_path_.find(*deletes.referenced_data_file);
    if (found == by_path_.end()) return {};
    if (partition != partition_of_[found->second]) {
      return Corrupt(source, fmt::format("is for \"{}\", which is in another partition",
                                         *deletes.referenced_data_file));
    }
    return AddPositions(found->second, source);
  }
  if (partition < 0) return {};
  for (const size_t file : files_in_[static_cast<size_t>(partition)]) {
    if (MayName(deletes, plan_.files[file].file().file_path)) TARN_TRY(AddPositions(file, source));
  }
  return {};
}

Result<> DeleteMatcher::MatchEquality(const ManifestFile& line, const DeleteFile& source) {
  const DataFile& deletes = source.file();
  if (deletes.record_count == 0) return {};
  if (deletes.equality_ids.empty()) return Corrupt(source, "has no equality ids");
  if (deletes.file_format != "PARQUET") {
    return Fail(ErrorKind::kUnsupported, "delete file \"{}\" has format {}, not Parquet",
                deletes.file_path, deletes.file_format);
  }
  const PartitionSpec* spec = plan_.metadata->FindPartitionSpec(line.partition_spec_id);
  const int64_t sequence = source.sequence_number().value();
  if (IsUnpartitioned(spec != nullptr ? *spec : source.manifest->header.spec)) {
    plan_.equality_deletes.push_back({source, std::nullopt});
    newest_global_equality_ = std::max(newest_global_equality_, sequence);
    return {};
  }
  const int32_t partition = FindPartition(line, source);
  if (partition < 0) return {};
  plan_.equality_deletes.push_back({source, partition});
  int64_t& newest = newest_equality_[static_cast<size_t>(partition)];
  newest = std::max(newest, sequence);
  return {};
}

Result<> DeleteMatcher::Finish() {
  bool any_by_equality = false;
  for (size_t i = 0; i < plan_.files.size(); ++i) {
    const auto partition = static_cast<size_t>(partition_of_[i]);
    const int64_t newest = std::max(newest_global_equality_, newest_equality_[partition]);
    if (SequenceOf(*plan_.files[i].entry).value() < newest) {
      DeletesOf(i).by_equality = any_by_equality = true;
    }
    // Positions in delete files are in the vector too: its writer had to take them over.
    if (found_[i] && found_[i]->vector) found_[i]->positions.clear();
    plan_.files[i].deletes = found_[i];
  }
  if (!any_by_equality) plan_.equality_deletes.clear();
  return {};
}

}  // namespace tarn::iceberg
