// SPDX-License-Identifier: Apache-2.0
// For tests.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "iceberg/commit/commit.h"
#include "iceberg/manifests/manifest_cache.h"
#include "storage/testing/memory_storage.h"

namespace tarn::iceberg {

/// A table in memory and the commits to it. Every commit advances the clock by one second.
class CommitFixture : public testing::Test {
 protected:
  static constexpr const char* kLocation = "s3://bucket/table";
  static constexpr size_t kCacheBytes = size_t{64} << 20;

  CommitFixture() : CommitFixture(nullptr) {}
  /// `storage` wraps `memory_`, or null.
  explicit CommitFixture(std::unique_ptr<storage::Storage> wrapped)
      : wrapped_(std::move(wrapped)), cache_(&storage(), kCacheBytes) {}

  storage::Storage& storage() { return wrapped_ ? *wrapped_ : memory_; }

  CommitContext Context(Uuid transaction = Uuid::Random()) {
    return {.storage = &storage(), .cache = &cache_, .transaction = transaction, .now_ms = now_ms_};
  }

  static Schema TwoColumns() {
    return {
        .fields = {{.id = FieldId(1),
                    .name = "id",
                    .required = true,
                    .type = Type::Primitive(TypeKind::kLong)},
                   {.id = FieldId(2), .name = "note", .type = Type::Primitive(TypeKind::kString)}}};
  }

  /// A table that has no metadata file yet.
  LoadedTable Unwritten(std::map<std::string, std::string> properties = {}) {
    auto metadata = NewTableMetadata(Uuid::Random(), kLocation, TwoColumns(), PartitionSpec{},
                                     std::move(properties), now_ms_);
    EXPECT_TRUE(metadata) << metadata.error().message;
    return {"", std::make_shared<const TableMetadata>(*std::move(metadata))};
  }

  LoadedTable CreateTable(std::map<std::string, std::string> properties = {}) {
    return Commit(Unwritten(std::move(properties)), {}).table;
  }

  static DataFile File(const std::string& name, int64_t rows = 10) {
    DataFile file;
    file.file_path = fmt::format("{}/data/{}.parquet", kLocation, name);
    file.record_count = rows;
    file.file_size_bytes = 100 * rows;
    file.value_counts = {{FieldId(1), rows}, {FieldId(2), rows}};
    file.null_value_counts = {{FieldId(1), 0}, {FieldId(2), 0}};
    return file;
  }

  /// A change set that adds files of ten rows, its manifest written.
  ChangeSet Appending(const CommitContext& context, const LoadedTable& table, SnapshotId snapshot,
                      const std::vector<std::string>& names) {
    std::vector<DataFile> files;
    ChangeSet changes;
    for (const std::string& name : names) {
      files.push_back(File(name));
      ++changes.appended_files;
      changes.appended_rows += files.back().record_count;
      changes.appended_bytes += files.back().file_size_bytes;
    }
    auto manifest = WriteAppendManifest(context, *table.metadata, table.metadata->current_schema(),
                                        std::move(files), snapshot, 0);
    EXPECT_TRUE(manifest) << manifest.error().message;
    if (manifest) changes.appended_manifests.push_back(*std::move(manifest));
    return changes;
  }

  PreparedTable Commit(const LoadedTable& base, const ChangeSet& changes) {
    return Commit(Context(), base, changes, NewSnapshotId(base.metadata.get()));
  }

  PreparedTable Commit(const CommitContext& context, const LoadedTable& base,
                       const ChangeSet& changes, SnapshotId snapshot) {
    auto prepared = PrepareCommit(context, base, changes, snapshot, policy_);
    EXPECT_TRUE(prepared) << prepared.error().message;
    now_ms_ += 1000;
    return prepared ? *std::move(prepared) : PreparedTable{.table = base};
  }

  PreparedTable Append(const LoadedTable& base, const std::vector<std::string>& names) {
    const CommitContext context = Context();
    const SnapshotId snapshot = NewSnapshotId(base.metadata.get());
    return Commit(context, base, Appending(context, base, snapshot, names), snapshot);
  }

  PreparedTable Truncate(const LoadedTable& base) {
    return Commit(base, ChangeSet{.replace_all = true});
  }

  std::vector<ManifestFile> Manifests(const LoadedTable& table) {
    const Snapshot* snapshot = table.metadata->current_snapshot();
    if (snapshot == nullptr) return {};
    // Past the cache: what is written counts.
    ManifestCache fresh(&storage(), kCacheBytes);
    const auto list = fresh.ManifestList(snapshot->manifest_list);
    EXPECT_TRUE(list) << list.error().message;
    return list ? **list : std::vector<ManifestFile>();
  }

  std::vector<ManifestEntry> Entries(const ManifestFile& file) {
    ManifestCache fresh(&storage(), kCacheBytes);
    const auto manifest = fresh.ReadManifest(file);
    EXPECT_TRUE(manifest) << manifest.error().message;
    return manifest ? (*manifest)->entries : std::vector<ManifestEntry>();
  }

  /// Names of the live data files, in scan order.
  std::vector<std::string> LiveFiles(const LoadedTable& table) {
    std::vector<std::string> names;
    for (const ManifestFile& manifest : Manifests(table)) {
      for (const ManifestEntry& entry : Entries(manifest)) {
        if (entry.status == EntryStatus::kDeleted) continue;
        const std::string& path = entry.data_file.file_path;
        const size_t slash = path.rfind('/');
        names.push_back(path.substr(slash + 1, path.size() - slash - 1 - sizeof ".parquet" + 1));
      }
    }
    return names;
  }

  storage::MemoryStorage memory_;
  std::unique_ptr<storage::Storage> wrapped_;
  ManifestCache cache_;
  CommitPolicy policy_;
  int64_t now_ms_ = 1'700'000'000'000;
};

}  // namespace tarn::iceberg
