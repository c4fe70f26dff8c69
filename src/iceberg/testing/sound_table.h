// SPDX-License-Identifier: Apache-2.0
// For tests: a table without a flaw, to be damaged in one place.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "iceberg/fsck/fsck.h"
#include "iceberg/manifests/manifest_codec.h"
#include "iceberg/model/table_metadata.h"
#include "storage/testing/memory_storage.h"

namespace tarn::iceberg::fsck {

/// Columns id (long, required), name (string), weight (double), partitioned by nothing. Three
/// snapshots: 11 appends a.parquet and b.parquet (m1), 12 appends c.parquet (m2), 13 removes
/// a.parquet (m3 instead of m1). With deletes, 14 adds them (m4): of version 2, position delete
/// files p.parquet (rows of b and c) and q.parquet (of c alone), equality deletes e.parquet by id;
/// of version 3, v.puffin with a vector for c and one for b, and row ids.
class SoundTable {
 public:
  static constexpr const char* kLocation = "s3://lake/t";
  enum class Kind : uint8_t { kPlain, kDeleteFiles, kVectors };

  struct ManifestModel {
    ManifestHeader header;
    std::vector<ManifestEntry> entries;
    SequenceNumber sequence_number;
    SnapshotId added_by;
    std::optional<int64_t> first_row_id;
  };

  TableMetadata metadata;
  std::vector<std::shared_ptr<Snapshot>> snapshots;
  std::map<std::string, ManifestModel> manifests;        ///< by location
  std::map<SnapshotId, std::vector<std::string>> lists;  ///< manifests of each snapshot
  std::map<std::string, DataFileFacts> facts;            ///< what the reader measures
  /// What the reader finds in position delete files.
  std::map<std::string, std::vector<std::pair<std::string, int64_t>>> position_rows;
  std::map<std::string, std::string> files;  ///< data files and others as they are stored
  std::function<void(SnapshotId, std::vector<ManifestFile>&)> edit_lines;
  std::function<void(std::string& location, std::string& bytes)> edit_bytes;  ///< of every file
  std::function<void(SnapshotId, ManifestListHeader&)> edit_list_header;

  explicit SoundTable(Kind kind = Kind::kPlain);

  std::string At(const std::string& name) const { return std::string(kLocation) + "/" + name; }
  std::string metadata_location() const { return At("metadata/00003-c.metadata.json"); }
  ManifestModel& manifest(const std::string& name) { return manifests.at(At("metadata/" + name)); }
  DataFile& file(const std::string& manifest_name, size_t entry) {
    return manifest(manifest_name).entries[entry].data_file;
  }
  Snapshot& snapshot(size_t index) { return *snapshots[index]; }

  /// Writes everything and verifies it.
  FsckReport Check(const FsckOptions& options = {});

  storage::MemoryStorage& storage() { return storage_; }

 private:
  class Reader;
  void AddDataFile(const std::string& manifest_name, const std::string& name, int64_t first_id,
                   int64_t rows);
  void AddDeletes(Kind kind);
  void AddDeleteFile(const std::string& name, FileContent content, int64_t rows,
                     const std::vector<int32_t>& columns);
  void AddVectors();
  void AddRowIds();
  void WriteTo(std::string location, std::string bytes);
  void WriteManifests(std::map<std::string, ManifestFile>& lines);

  storage::MemoryStorage storage_;
};

}  // namespace tarn::iceberg::fsck
