// SPDX-License-Identifier: Apache-2.0
#include "iceberg/manifests/manifest_inheritance.h"

namespace tarn::iceberg {
namespace {

/// Only what this manifest added takes its number; a list without sequence numbers is of v1, where
/// all are 0.
void InheritNumbers(const ManifestFile& file, ManifestEntry& entry) {
  if (!entry.snapshot_id) entry.snapshot_id = file.added_snapshot_id;
  if (entry.status != EntryStatus::kAdded && file.sequence_number.value() != 0) return;
  if (!entry.sequence_number) entry.sequence_number = file.sequence_number;
  if (!entry.file_sequence_number) entry.file_sequence_number = file.sequence_number;
}

/// Live files without a first row id, EXISTING ones too, are numbered on from the manifest's.
Result<> InheritRowIds(const ManifestFile& file, std::vector<ManifestEntry>& entries) {
  if (!file.first_row_id || file.content != ManifestContent::kData) return {};
  int64_t next = *file.first_row_id;
  for (ManifestEntry& entry : entries) {
    if (entry.data_file.first_row_id || entry.status == EntryStatus::kDeleted) continue;
    entry.data_file.first_row_id = next;
    if (__builtin_add_overflow(next, entry.data_file.record_count, &next)) {
      return Fail(ErrorKind::kCorruption, "row ids of manifest \"{}\" overflow",
                  file.manifest_path);
    }
  }
  return {};
}

}  // namespace

Result<> InheritFromList(const ManifestFile& file, Manifest& manifest) {
  for (ManifestEntry& entry : manifest.entries) InheritNumbers(file, entry);
  return InheritRowIds(file, manifest.entries);
}

}  // namespace tarn::iceberg
