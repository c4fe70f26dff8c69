// SPDX-License-Identifier: Apache-2.0
// For tests: commits that change and delete rows.
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "iceberg/fsck/fsck.h"
#include "iceberg/plan/delete_file.h"
#include "iceberg/testing/commit_fixture.h"
#include "iceberg/values/single_value.h"

namespace tarn::iceberg {

/// Files are named by the last part of their path. Metadata is verified after every step.
class RowChangeFixture : public CommitFixture {
 protected:
  using CommitFixture::CommitFixture;

  LoadedTable CreateVersion(int32_t version, PartitionSpec spec = {},
                            std::map<std::string, std::string> properties = {}) {
    auto metadata = NewTableMetadata(Uuid::Random(), kLocation, TwoColumns(), std::move(spec),
                                     std::move(properties), now_ms_);
    EXPECT_TRUE(metadata) << metadata.error().message;
    metadata->format_version = version;
    if (version >= 3) metadata->next_row_id = 0;
    return Commit({"", std::make_shared<const TableMetadata>(*std::move(metadata))}, {}).table;
  }

  static PartitionSpec ByNote() {
    return {.fields = {{.source_ids = {FieldId(2)}, .id = PartitionFieldId(1000), .name = "note"}}};
  }

  static std::string Path(const std::string& name) {
    return fmt::format("{}/data/{}", kLocation, name);
  }

  /// Ids from `first` on, one per row, in the partition where there is one.
  static DataFile Data(const std::string& name, int64_t first = 0,
                       std::optional<std::string> partition = std::nullopt) {
    DataFile file = File(name);
    file.file_path = Path(name);
    const Type type = Type::Primitive(TypeKind::kLong);
    file.lower_bounds = {{FieldId(1), EncodeSingleValue(type, Value(first))}};
    file.upper_bounds = {
        {FieldId(1), EncodeSingleValue(type, Value(first + file.record_count - 1))}};
    if (partition) file.partition = {Value(*partition)};
    return file;
  }

  static DataFile Vector(const std::string& data_file, const std::string& puffin, int64_t offset,
                         int64_t cardinality = 1) {
    DataFile file = Positions(puffin, data_file);
    file.file_format = "PUFFIN";
    file.record_count = cardinality;
    file.content_offset = offset;
    file.content_size_bytes = 40;
    return file;
  }

  static DataFile Positions(const std::string& name, const std::string& data_file) {
    DataFile file;
    file.content = FileContent::kPositionDeletes;
    file.file_path = Path(name);
    file.record_count = 1;
    file.file_size_bytes = 500;
    file.referenced_data_file = Path(data_file);
    return file;
  }

  static DataFile Equality(const std::string& name) {
    DataFile file;
    file.content = FileContent::kEqualityDeletes;
    file.file_path = Path(name);
    file.record_count = 1;
    file.file_size_bytes = 300;
    file.equality_ids = {FieldId(1)};
    return file;
  }

  /// Adds the files to `changes`, their manifests written.
  void AddFiles(ChangeSet& changes, const CommitContext& context, const LoadedTable& table,
                SnapshotId snapshot, const std::vector<DataFile>& files) {
    NewFiles data{.data_sequence_number = changes.data_sequence_number};
    NewFiles deletes;
    for (const DataFile& file : files) {
      if (file.content == FileContent::kData) {
        data.files.push_back(file);
        ++changes.appended_files;
        changes.appended_rows += file.record_count;
        changes.appended_bytes += file.file_size_bytes;
      } else {
        deletes.files.push_back(file);
        changes.added_deletes.push_back({file, table.metadata->default_spec_id});
      }
    }
    int32_t ordinal = 0;
    for (NewFiles* group : {&data, &deletes}) {
      if (group->files.empty()) continue;
      auto manifest = WriteManifestOf(context, *table.metadata, table.metadata->current_schema(),
                                      std::move(*group), snapshot, ordinal++);
      EXPECT_TRUE(manifest) << manifest.error().message;
      if (manifest) changes.appended_manifests.push_back(*std::move(manifest));
    }
  }

  /// A change that is computed from `read`, to be committed to whatever comes.
  struct Change {
    CommitContext context;
    SnapshotId snapshot;
    ChangeSet changes;
  };

  Change Prepare(const LoadedTable& read, ChangeSet changes, const std::vector<DataFile>& added) {
    Change change{Context(), NewSnapshotId(read.metadata.get()), std::move(changes)};
    AddFiles(change.changes, change.context, read, change.snapshot, added);
    const auto head = HeadId(read, change.changes.branch);
    if (!change.changes.read_snapshot) change.changes.read_snapshot = head;
    return change;
  }

  Result<PreparedTable> Try(const LoadedTable& base, const Change& change) {
    auto prepared = PrepareCommit(change.context, base, change.changes, change.snapshot, policy_);
    now_ms_ += 1000;
    return prepared;
  }

  LoadedTable Apply(const LoadedTable& base, ChangeSet changes,
                    const std::vector<DataFile>& added = {}) {
    auto prepared = Try(base, Prepare(base, std::move(changes), added));
    EXPECT_TRUE(prepared) << prepared.error().message << " " << prepared.error().detail;
    if (!prepared) return base;
    ExpectSound(prepared->table);
    return prepared->table;
  }

  LoadedTable Add(const LoadedTable& base, const std::vector<DataFile>& added) {
    return Apply(base, {}, added);
  }

  static std::optional<SnapshotId> HeadId(const LoadedTable& table, const std::string& branch) {
    const auto ref = table.metadata->refs.find(branch);
    return ref != table.metadata->refs.end() ? std::optional(ref->second.snapshot_id)
                                             : table.metadata->current_snapshot_id;
  }

  static std::string NameOf(const std::string& path) { return path.substr(path.rfind('/') + 1); }

  struct Found {
    ManifestFile line;
    ManifestEntry entry;
  };

  std::vector<Found> LiveEntries(const LoadedTable& table) {
    std::vector<Found> found;
    for (const ManifestFile& line : Manifests(table)) {
      for (const ManifestEntry& entry : Entries(line)) {
        if (entry.status != EntryStatus::kDeleted) found.push_back({line, entry});
      }
    }
    return found;
  }

  /// Names of live files; of deletion vectors with their offset, "v.puffin#4".
  std::multiset<std::string> Live(const LoadedTable& table) {
    std::multiset<std::string> names;
    for (const Found& found : LiveEntries(table)) {
      names.insert(NameOf(DeleteIdentity(found.entry.data_file)));
    }
    return names;
  }

  Found Find(const LoadedTable& table, const std::string& name) {
    for (const Found& found : LiveEntries(table)) {
      if (NameOf(DeleteIdentity(found.entry.data_file)) == name) return found;
    }
    ADD_FAILURE() << name << " is not in the table";
    return {};
  }

  /// A file of the table, to be removed.
  RemovedFile Removed(const LoadedTable& table, const std::string& name) {
    const Found found = Find(table, name);
    return {.file = found.entry.data_file,
            .partition_spec_id = found.line.partition_spec_id,
            .data_sequence_number = *found.entry.sequence_number,
            .manifest_path = found.line.manifest_path};
  }

  static const Snapshot& Head(const LoadedTable& table) {
    return *table.metadata->current_snapshot();
  }

  void ExpectSound(const LoadedTable& table) {
    const auto report = Fsck(storage(), nullptr, table.metadata_location,
                             {.read_data = false, .find_orphans = false});
    ASSERT_TRUE(report) << report.error().message;
    for (const Finding& finding : report->findings) {
      // Data files are made up.
      const bool about_data = finding.code == "data-file-missing";
      if (finding.severity != Severity::kError || about_data) continue;
      ADD_FAILURE() << finding.code << " " << finding.location << ": " << finding.message;
    }
  }
};

}  // namespace tarn::iceberg
