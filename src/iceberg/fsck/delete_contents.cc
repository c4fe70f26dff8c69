// SPDX-License-Identifier: Apache-2.0
// What live delete files hold, against the entries that describe them.
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "iceberg/deletes/deletion_vector.h"
#include "iceberg/deletes/puffin.h"
#include "iceberg/fsck/run.h"
#include "iceberg/model/metadata_columns.h"
#include "iceberg/plan/delete_file.h"

namespace tarn::iceberg::fsck {
namespace {

struct OpenPuffin {
  std::unique_ptr<storage::ObjectReader> object;
  PuffinFooter footer;
};

class ContentCheck {
 public:
  explicit ContentCheck(Run& run) : run_(run) {
    for (const auto& [location, checked] : run.manifests) {
      for (const ManifestEntry& entry : checked.manifest.entries) {
        const DataFile& file = entry.data_file;
        if (file.content == FileContent::kData) rows_.emplace(file.file_path, file.record_count);
      }
    }
  }

  void Check(const DataFile& file, const std::string& identity) {
    if (IsDeletionVector(file)) {
      CheckVector(file, identity);
    } else if (run_.reader == nullptr || file.file_format != "PARQUET") {
      return;
    } else if (file.content == FileContent::kPositionDeletes) {
      CheckPositions(file);
    } else {
      CheckEquality(file);
    }
  }

 private:
  /// Null if it is absent, which is a finding of its own, or malformed.
  const OpenPuffin* Open(const std::string& location) {
    const auto [found, is_new] = puffins_.try_emplace(location);
    if (is_new) {
      if (auto object = run_.storage.Open(location)) {
        if (auto footer = ReadPuffinFooter(**object, location)) {
          found->second = OpenPuffin{*std::move(object), *std::move(footer)};
        } else {
          run_.Error("puffin-malformed", location, "{}", footer.error().message);
        }
      }
    }
    return found->second ? &*found->second : nullptr;
  }

  void CheckVector(const DataFile& file, const std::string& identity) {
    if (!file.content_offset || !file.content_size_bytes) return;
    const OpenPuffin* puffin = Open(file.file_path);
    if (puffin == nullptr) return;
    const auto& blobs = puffin->footer.blobs;
    const auto blob = std::ranges::find(blobs, *file.content_offset, &PuffinBlob::offset);
    if (blob == blobs.end() || blob->length != *file.content_size_bytes) {
      run_.Error("vector-blob-missing", identity, "no blob of {} bytes stands at {}",
                 *file.content_size_bytes, *file.content_offset);
      return;
    }
    CheckBlob(file, *blob, identity);
    const auto content = ReadPuffinBlob(*puffin->object, file.file_path, *blob);
    if (!content) {
      run_.Error("vector-malformed", identity, "{}", content.error().message);
      return;
    }
    const auto positions = DecodeDeletionVector(*content, file.record_count);
    if (!positions) {
      run_.Error("vector-malformed", identity, "{}", positions.error().message);
      return;
    }
    const auto rows = rows_.find(file.referenced_data_file.value_or(""));
    if (rows != rows_.end() && positions->highest().value_or(-1) >= rows->second) {
      run_.Error("vector-range", identity, "it deletes row {} of {}", *positions->highest(),
                 rows->second);
    }
  }

  void CheckBlob(const DataFile& file, const PuffinBlob& blob, const std::string& identity) {
    if (blob.type != kDeletionVectorType) {
      run_.Error("vector-blob-type", identity, "the blob is of type \"{}\"", blob.type);
    }
    if (blob.compression_codec) {
      run_.Error("vector-blob-compressed", identity, "deletion vectors are not compressed");
    }
    if (blob.snapshot_id != -1 || blob.sequence_number != -1) {
      run_.Error("vector-blob-numbers", identity,
                 "the blob has snapshot id {} and sequence number {}, not -1", blob.snapshot_id,
                 blob.sequence_number);
    }
    const std::pair<std::string_view, std::string> expected[] = {
        {kReferencedDataFileProperty, file.referenced_data_file.value_or("")},
        {kCardinalityProperty, std::to_string(file.record_count)}};
    for (const auto& [key, value] : expected) {
      const auto found = blob.properties.find(std::string(key));
      if (found == blob.properties.end()) {
        run_.Error("vector-blob-property", identity, "the blob has no property \"{}\"", key);
      } else if (found->second != value) {
        run_.Error("vector-blob-property", identity, "property \"{}\" is \"{}\", not \"{}\"", key,
                   found->second, value);
      }
    }
  }

  /// Facts of a delete file that has the columns and the records that its entry says.
  bool CheckColumns(const DataFile& file, const std::vector<FieldId>& wanted) {
    const auto facts = run_.reader->Examine(file.file_path, /*read_values=*/false);
    if (!facts) {
      run_.Error("delete-file-unreadable", file.file_path, "{}", facts.error().message);
      return false;
    }
    if (facts->record_count != file.record_count) {
      run_.Error("record-count", file.file_path, "it has {} records, its manifest says {}",
                 facts->record_count, file.record_count);
    }
    bool complete = true;
    for (const FieldId id : wanted) {
      if (std::ranges::find(facts->columns, id, &DataFileFacts::Column::id) !=
          facts->columns.end()) {
        continue;
      }
      complete = false;
      run_.Error("delete-columns", file.file_path, "it has no column of field id {}", id.value());
    }
    return complete;
  }

  void CheckEquality(const DataFile& file) { CheckColumns(file, file.equality_ids); }

  void CheckPositions(const DataFile& file) {
    if (!CheckColumns(file, {metadata_column::kDeletePath, metadata_column::kDeletePosition})) {
      return;
    }
    std::pair<std::string, int64_t> previous{"", -1};
    bool ordered = true, in_range = true, as_referenced = true;
    const auto read = run_.reader->ReadPositionDeletes(
        file.file_path, [&](std::string_view path, int64_t position) -> Result<> {
          const bool new_path = path != previous.first;
          ordered = ordered && (new_path ? path > previous.first : position >= previous.second);
          if (new_path) previous.first = path;
          previous.second = position;
          const auto rows = rows_.find(path);
          in_range = in_range && position >= 0 && (rows == rows_.end() || position < rows->second);
          as_referenced =
              as_referenced && path == file.referenced_data_file.value_or(previous.first);
          return {};
        });
    if (!read) run_.Error("delete-file-unreadable", file.file_path, "{}", read.error().message);
    if (!ordered) {
      run_.Error("position-delete-order", file.file_path,
                 "its rows are not sorted by path and position");
    }
    if (!in_range) {
      run_.Error("position-delete-range", file.file_path, "it deletes a row that its file lacks");
    }
    if (!as_referenced) {
      run_.Error("position-delete-reference", file.file_path,
                 "it deletes rows of other files than \"{}\"", *file.referenced_data_file);
    }
  }

  Run& run_;
  std::map<std::string, int64_t, std::less<>> rows_;  ///< of data files, by path
  std::map<std::string, std::optional<OpenPuffin>> puffins_;
};

}  // namespace

void CheckDeleteContents(Run& run) {
  ContentCheck check(run);
  std::map<std::string, const DataFile*> live;
  for (const auto& [location, checked] : run.manifests) {
    for (const ManifestEntry& entry : checked.manifest.entries) {
      const DataFile& file = entry.data_file;
      if (entry.status == EntryStatus::kDeleted || file.content == FileContent::kData) continue;
      live.emplace(DeleteIdentity(file), &file);
    }
  }
  for (const auto& [identity, file] : live) check.Check(*file, identity);
}

}  // namespace tarn::iceberg::fsck
