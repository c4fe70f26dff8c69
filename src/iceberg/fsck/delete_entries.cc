// SPDX-License-Identifier: Apache-2.0
// What an entry says of deletes, by itself (spec, "Data File Fields", "Delete Formats").
#include <algorithm>

#include "iceberg/fsck/run.h"
#include "iceberg/plan/delete_file.h"

namespace tarn::iceberg::fsck {
namespace {

void CheckVector(Run& run, const DataFile& file, const std::string& place) {
  if (run.metadata.format_version < 3) {
    run.Error("vector-version", place, "a deletion vector in a table of version {}",
              run.metadata.format_version);
  }
  if (!file.referenced_data_file) {
    run.Error("vector-reference", place, "a deletion vector without a referenced data file");
  }
  if (!file.content_offset || !file.content_size_bytes) {
    run.Error("vector-coordinates", place, "a deletion vector without offset and size");
    return;
  }
  const int64_t offset = *file.content_offset;
  const int64_t size = *file.content_size_bytes;
  if (offset < 0 || size <= 0 || size > file.file_size_bytes ||
      offset > file.file_size_bytes - size) {
    run.Error("vector-coordinates", place, "{} bytes at {} are not within a file of {} bytes", size,
              offset, file.file_size_bytes);
  }
}

void CheckEqualityIds(Run& run, const DataFile& file, const std::string& place) {
  for (const FieldId id : file.equality_ids) {
    const Field* field = run.FindField(id);
    if (field == nullptr) {
      run.Error("equality-field-unknown", place, "no schema has the column {} that it deletes by",
                id.value());
    } else if (field->type.is_nested()) {
      run.Error("equality-field-type", place, "column {} that it deletes by is nested", id.value());
    }
  }
  auto sorted = file.equality_ids;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end()) {
    run.Error("entry-equality-ids", place, "a column is among the equality ids twice");
  }
}

}  // namespace

void CheckDeleteEntry(Run& run, const ManifestHeader& header, const ManifestEntry& entry,
                      const std::string& place) {
  const DataFile& file = entry.data_file;
  const bool vector = IsDeletionVector(file);
  if (file.file_format == "PUFFIN" && !vector) {
    run.Error("entry-file-format", place, "rows and equality deletes do not fit a Puffin file");
  }
  if (!vector && (file.content_offset || file.content_size_bytes)) {
    run.Error("entry-content-coordinates", place, "only deletion vectors have offset and size");
  }
  if (file.content != FileContent::kPositionDeletes && file.referenced_data_file) {
    run.Error("entry-reference", place, "only position deletes refer to a data file");
  }
  if (file.content == FileContent::kData) return;
  if (file.first_row_id) run.Error("delete-row-id", place, "a delete file has a first_row_id");
  if (file.content == FileContent::kEqualityDeletes) {
    CheckEqualityIds(run, file, place);
    return;
  }
  if (!file.equality_ids.empty()) {
    run.Error("entry-equality-ids", place, "position deletes have equality ids");
  }
  if (vector) {
    CheckVector(run, file, place);
  } else if (header.format_version >= 3 && entry.status == EntryStatus::kAdded) {
    run.Error("position-deletes-version", place,
              "a position delete file was added in version 3, which wants deletion vectors");
  }
}

}  // namespace tarn::iceberg::fsck
