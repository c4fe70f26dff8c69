// SPDX-License-Identifier: Apache-2.0
#include "table/testing/plain_table.h"

#include <algorithm>
#include <charconv>

#include "iceberg/deletes/deletion_vector.h"
#include "iceberg/deletes/puffin.h"
#include "iceberg/model/metadata_columns.h"
#include "iceberg/plan/delete_file.h"

namespace tarn::table {
namespace {

using iceberg::DataFile;
using iceberg::PositionBitmap;

constexpr int32_t kVectorsVersion = 3;

std::string Lines(const std::vector<int64_t>& numbers) {
  std::string text;
  for (const int64_t number : numbers) text += std::to_string(number) + "\n";
  return text;
}

Result<std::vector<int64_t>> ParseLines(const std::string& text, const std::string& location) {
  std::vector<int64_t> numbers;
  const char* at = text.data();
  const char* end = at + text.size();
  while (at != end) {
    const auto parsed = std::from_chars(at, end, numbers.emplace_back());
    if (parsed.ec != std::errc() || parsed.ptr == end || *parsed.ptr != '\n') {
      return Fail(ErrorKind::kCorruption, "\"{}\" is torn", location);
    }
    at = parsed.ptr + 1;
  }
  return numbers;
}

Result<PositionBitmap> ReadVector(storage::Storage& storage, const DataFile& file) {
  TARN_ASSIGN(const auto object, storage.Open(file.file_path));
  const iceberg::PuffinBlob blob{.offset = *file.content_offset,
                                 .length = *file.content_size_bytes};
  TARN_ASSIGN(const std::string content, iceberg::ReadPuffinBlob(*object, file.file_path, blob));
  return iceberg::DecodeDeletionVector(content, file.record_count);
}

iceberg::RemovedFile RemovalOf(const DataFile& file, iceberg::SequenceNumber sequence) {
  return {.file = file, .data_sequence_number = sequence};
}

}  // namespace

std::vector<int64_t> PlainFile::LivePositions() const {
  std::vector<int64_t> positions;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!deleted.Contains(static_cast<int64_t>(i))) positions.push_back(static_cast<int64_t>(i));
  }
  return positions;
}

std::vector<int64_t> PlainFile::LiveRows() const {
  std::vector<int64_t> live;
  for (const int64_t position : LivePositions())
    live.push_back(rows[static_cast<size_t>(position)]);
  return live;
}

std::vector<int64_t> PlainTable::LiveRows() const {
  std::vector<int64_t> live;
  for (const PlainFile& file : files_) std::ranges::copy(file.LiveRows(), std::back_inserter(live));
  return live;
}

Result<PlainFile> PlainTable::ReadFile(const iceberg::ScanFile& scan) const {
  PlainFile file{.scan = scan};
  TARN_ASSIGN(const std::string text, context_.storage->Read(scan.file().file_path));
  TARN_ASSIGN(file.rows, ParseLines(text, scan.file().file_path));
  if (scan.deletes == nullptr) return file;
  if (scan.deletes->vector) {
    TARN_ASSIGN(file.deleted, ReadVector(*context_.storage, scan.deletes->vector->file()));
  }
  for (const iceberg::DeleteFile& deletes : scan.deletes->positions) {
    const std::string& location = deletes.file().file_path;
    TARN_ASSIGN(const std::string lines, context_.storage->Read(location));
    TARN_ASSIGN(const std::vector<int64_t> positions, ParseLines(lines, location));
    file.deleted.Add(positions);
  }
  return file;
}

Result<> PlainTable::Refresh() {
  TARN_ASSIGN(iceberg::LoadedTable newest, catalog_.LoadTable(name_));
  return Open(std::move(newest));
}

Result<> PlainTable::Open(iceberg::LoadedTable table) {
  files_.clear();
  table_ = std::move(table);
  TARN_ASSIGN(const iceberg::ScanPlan plan,
              iceberg::PlanScan(MakeCommitContext(context_, Uuid()), table_.metadata, {}));
  for (const iceberg::ScanFile& scan : plan.files) {
    TARN_ASSIGN(PlainFile file, ReadFile(scan));
    files_.push_back(std::move(file));
  }
  return {};
}

PlainChange PlainTable::NewChange(std::string kind) const {
  PlainChange change{.kind = std::move(kind)};
  change.change.table = name_;
  change.change.table_uuid = table_.metadata->table_uuid;
  change.change.snapshot_id = iceberg::NewSnapshotId(table_.metadata.get());
  change.change.changes.read_snapshot = table_.metadata->current_snapshot_id;
  return change;
}

std::string PlainTable::NewLocation(const Uuid& writer, const std::string& suffix) {
  return fmt::format("{}/data/{}-{}{}", table_.metadata->location, writer.ToString(), next_file_++,
                     suffix);
}

Result<DataFile> PlainTable::WriteRows(const Uuid& writer, const std::vector<int64_t>& rows) {
  DataFile file;
  file.file_path = NewLocation(writer, ".parquet");
  const std::string text = Lines(rows);
  file.record_count = static_cast<int64_t>(rows.size());
  file.file_size_bytes = static_cast<int64_t>(text.size());
  TARN_TRY(context_.storage->Put(file.file_path, text, storage::PutMode::kIfAbsent));
  return file;
}

Result<DataFile> PlainTable::WriteDeletes(const Uuid& writer, const PlainFile& of,
                                          const std::vector<int64_t>& positions) {
  DataFile file;
  file.content = iceberg::FileContent::kPositionDeletes;
  file.referenced_data_file = of.scan.file().file_path;
  std::string bytes;
  if (table_.metadata->format_version < kVectorsVersion) {
    file.file_path = NewLocation(writer, "-deletes.parquet");
    file.record_count = static_cast<int64_t>(positions.size());
    // Readers plan by these; they are the whole path, never a part of it.
    file.lower_bounds =
        file.upper_bounds = {{iceberg::metadata_column::kDeletePath, *file.referenced_data_file}};
    bytes = Lines(positions);
  } else {
    PositionBitmap all = of.deleted;
    all.Add(positions);
    iceberg::PuffinWriter puffin;
    TARN_ASSIGN(const auto blob, puffin.AddDeletionVector(*file.referenced_data_file, all));
    file.file_path = NewLocation(writer, ".puffin");
    file.file_format = "PUFFIN";
    file.record_count = all.cardinality();
    file.content_offset = blob.offset;
    file.content_size_bytes = blob.length;
    bytes = puffin.Finish();
  }
  file.file_size_bytes = static_cast<int64_t>(bytes.size());
  TARN_TRY(context_.storage->Put(file.file_path, bytes, storage::PutMode::kIfAbsent));
  return file;
}

Result<> PlainTable::AddFile(const Uuid& writer, DataFile file, PlainChange& change) {
  iceberg::ChangeSet& changes = change.change.changes;
  const bool data = file.content == iceberg::FileContent::kData;
  if (data) {
    changes.appended_files += 1;
    changes.appended_rows += file.record_count;
    changes.appended_bytes += file.file_size_bytes;
  } else {
    changes.added_deletes.push_back({file, table_.metadata->default_spec_id});
  }
  iceberg::NewFiles files{.files = {std::move(file)}};
  if (data) files.data_sequence_number = changes.data_sequence_number;
  TARN_ASSIGN(iceberg::ManifestFile manifest,
              iceberg::WriteManifestOf(MakeCommitContext(context_, writer), *table_.metadata,
                                       table_.metadata->current_schema(), std::move(files),
                                       change.change.snapshot_id, next_manifest_++));
  changes.appended_manifests.push_back(std::move(manifest));
  return {};
}

Result<PlainChange> PlainTable::Append(const Uuid& writer, std::vector<int64_t> rows) {
  PlainChange change = NewChange("append");
  change.change.changes.read_snapshot.reset();
  TARN_ASSIGN(DataFile file, WriteRows(writer, rows));
  TARN_TRY(AddFile(writer, std::move(file), change));
  change.added = std::move(rows);
  return change;
}

Result<std::optional<PlainChange>> PlainTable::Delete(const Uuid& writer, std::minstd_rand& random,
                                                      std::vector<int64_t> rows_instead) {
  if (files_.empty()) return std::nullopt;
  const PlainFile& file = files_[random() % files_.size()];
  std::vector<int64_t> positions = file.LivePositions();
  if (positions.empty()) return std::nullopt;
  std::ranges::shuffle(positions, random);
  positions.resize(std::min<size_t>(positions.size(), 1 + random() % 3));
  std::ranges::sort(positions);
  PlainChange change = NewChange(rows_instead.empty() ? "delete" : "update");
  iceberg::ChangeSet& changes = change.change.changes;
  changes.validation.no_new_deletes = !rows_instead.empty();
  if (file.scan.deletes != nullptr && file.scan.deletes->vector) {
    const iceberg::DeleteFile& old = *file.scan.deletes->vector;
    changes.removed_delete_files = {RemovalOf(old.file(), old.sequence_number())};
  }
  TARN_ASSIGN(DataFile deletes, WriteDeletes(writer, file, positions));
  TARN_TRY(AddFile(writer, std::move(deletes), change));
  for (const int64_t position : positions) {
    change.removed.push_back(file.rows[static_cast<size_t>(position)]);
  }
  if (!rows_instead.empty()) {
    TARN_ASSIGN(DataFile added, WriteRows(writer, rows_instead));
    TARN_TRY(AddFile(writer, std::move(added), change));
    change.added = std::move(rows_instead);
  }
  return change;
}

Result<std::optional<PlainChange>> PlainTable::Rewrite(const Uuid& writer,
                                                       std::minstd_rand& random) {
  if (files_.size() < 2) return std::nullopt;
  PlainChange change = NewChange("rewrite");
  iceberg::ChangeSet& changes = change.change.changes;
  changes.is_rewrite = true;
  changes.data_sequence_number = table_.metadata->current_snapshot()->sequence_number;
  const size_t first = random() % (files_.size() - 1);
  std::vector<int64_t> rows;
  for (size_t i = first; i < std::min(first + 3, files_.size()); ++i) {
    const iceberg::ScanFile& scan = files_[i].scan;
    changes.removed_data_files.push_back(RemovalOf(scan.file(), *scan.entry->sequence_number));
    std::ranges::copy(files_[i].LiveRows(), std::back_inserter(rows));
  }
  if (!rows.empty()) {
    TARN_ASSIGN(DataFile file, WriteRows(writer, rows));
    TARN_TRY(AddFile(writer, std::move(file), change));
  }
  return change;
}

}  // namespace tarn::table
