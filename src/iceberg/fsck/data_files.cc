// SPDX-License-Identifier: Apache-2.0
// Live data files: presence, size, and their columns against the table's.
#include <algorithm>
#include <set>

#include "iceberg/fsck/run.h"

namespace tarn::iceberg::fsck {
namespace {

bool Fits(const Type& in_file, const Type& in_table, int32_t format_version) {
  if (in_table.is_nested() || in_file.is_nested()) return in_file.kind == in_table.kind;
  return in_file == in_table || IsPromotionAllowed(in_file, in_table, format_version);
}

void CheckColumns(Run& run, const DataFile& file, const DataFileFacts& facts) {
  std::set<FieldId> seen;
  for (const DataFileFacts::Column& column : facts.columns) {
    const std::string place = fmt::format("{} column \"{}\"", file.file_path, column.path);
    for (const std::string& deviation : column.deviations) {
      run.Note("parquet-deviation", place, "{}", deviation);
    }
    if (column.id.value() == 0) {
      run.Error("parquet-field-id", place, "the column has no field id");
      continue;
    }
    if (!seen.insert(column.id).second) {
      run.Error("parquet-field-duplicate", place, "field id {} stands twice in the file",
                column.id.value());
    }
    const Field* field = run.FindField(column.id);
    if (field == nullptr) {
      if (column.id > run.metadata.last_column_id) {
        run.Error("parquet-field-unknown", place, "no column of the table ever had the id {}",
                  column.id.value());
      }
      continue;
    }
    if (!Fits(column.type, field->type, run.metadata.format_version)) {
      run.Error("parquet-type", place, "the file stores {}, the table has {}",
                PrimitiveTypeName(column.type), PrimitiveTypeName(field->type));
    }
  }
  for (const Field& field : run.metadata.current_schema().fields) {
    if (field.required && !field.initial_default && !seen.contains(field.id)) {
      run.Error("required-column-missing", file.file_path,
                "the file lacks required column \"{}\", which has no default", field.name);
    }
  }
}

void CheckRowGroups(Run& run, const DataFile& file, const DataFileFacts& facts) {
  for (const int64_t offset : file.split_offsets) {
    if (std::ranges::find(facts.row_group_offsets, offset) == facts.row_group_offsets.end()) {
      run.Error("split-offsets", file.file_path, "no row group starts at split offset {}", offset);
    }
  }
}

void CheckOne(Run& run, const DataFile& file) {
  ++run.report.data_files;
  ++run.report.files_checked;
  const auto head = run.storage.Head(file.file_path);
  if (!head) {
    const bool missing = head.error().kind == ErrorKind::kNotFound;
    run.Error(missing ? "data-file-missing" : "data-file-unreadable", file.file_path, "{}",
              head.error().message);
    return;
  }
  if (head->size_bytes != file.file_size_bytes) {
    run.Error("data-file-size", file.file_path, "it has {} bytes, its manifest says {}",
              head->size_bytes, file.file_size_bytes);
  }
  if (run.reader == nullptr || file.content != FileContent::kData ||
      file.file_format != "PARQUET") {
    return;
  }
  const auto facts = run.reader->Examine(file.file_path, /*read_values=*/true);
  if (!facts) {
    run.Error("data-file-unreadable", file.file_path, "{}", facts.error().message);
    return;
  }
  CheckDataFileContent(run, file, *facts);
}

}  // namespace

void CheckDataFileContent(Run& run, const DataFile& file, const DataFileFacts& facts) {
  if (facts.record_count != file.record_count) {
    run.Error("record-count", file.file_path, "it has {} records, its manifest says {}",
              facts.record_count, file.record_count);
  }
  CheckColumns(run, file, facts);
  CheckRowGroups(run, file, facts);
  CheckMeasuredMetrics(run, file, facts);
}

void CheckDataFiles(Run& run, const Manifest& manifest) {
  for (const ManifestEntry& entry : manifest.entries) {
    const std::string& path = entry.data_file.file_path;
    run.reachable.insert(path);
    if (entry.status == EntryStatus::kDeleted) continue;
    // Several manifests carry a file; several deletion vectors share one.
    if (run.checked_files.insert(path).second) CheckOne(run, entry.data_file);
  }
}

void ForgetMetrics(Manifest& manifest) {
  for (ManifestEntry& entry : manifest.entries) {
    DataFile& file = entry.data_file;
    file.column_sizes_bytes = {};
    file.value_counts = {};
    file.null_value_counts = {};
    file.nan_value_counts = {};
    file.lower_bounds = {};
    file.upper_bounds = {};
    file.split_offsets = {};
    file.key_metadata.reset();
  }
}

}  // namespace tarn::iceberg::fsck
