// SPDX-License-Identifier: Apache-2.0
// For tests: a table of a directory catalog with real Parquet files, changed by hand in every way
// that the specification knows, so that nothing is shared with the code under test.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "catalog/directory_catalog.h"
#include "engine/testing/test_engine.h"
#include "iceberg/deletes/deletion_vector.h"
#include "iceberg/deletes/puffin.h"
#include "iceberg/fsck/fsck.h"
#include "iceberg/model/metadata_columns.h"
#include "table/commit.h"
#include "table/table_cache.h"

namespace tarn::table {

using engine::Cell;
using engine::MakeField;
using engine::Row;

/// Columns `n` (long) and `s` (string).
class EngineTableTest : public engine::EngineTest {
 protected:
  static constexpr const char* kLake = "s3://bucket/lake";
  static inline const catalog::TableName kName{{}, "t"};
  static inline const Type kLong = Type::Primitive(TypeKind::kLong);
  static inline const Type kText = Type::Primitive(TypeKind::kString);

  EngineTableTest()
      : cache_(storage_.get(), size_t{64} << 20),
        tables_(storage_.get(), 16 << 20),
        catalog_(catalog::OpenDirectoryCatalog(storage_.get(), &cache_, kLake, {})),
        context_{.storage = storage_.get(),
                 .engine = engine_.get(),
                 .manifests = &cache_,
                 .tables = &tables_} {
    context_.policy.min_snapshots_to_keep = 1000;
  }

  ~EngineTableTest() override {
    if (catalog_->LoadTable(kName)) ExpectSound();
  }

  /// In the place of the one before.
  void Create(int32_t version, const iceberg::PartitionSpec& spec = {},
              std::map<std::string, std::string> properties = {}) {
    if (catalog_->LoadTable(kName)) {
      ExpectSound();
      EXPECT_TRUE(catalog_->DropTable(kName));
    }
    properties.emplace("commit.manifest-merge.enabled", "false");
    auto first =
        iceberg::NewTableMetadata(Uuid::Random(), std::string(kLake) + "/t", {.fields = fields_},
                                  spec, std::move(properties), 1'700'000'000'000, version);
    ASSERT_TRUE(first) << first.error().message;
    ASSERT_TRUE(catalog_->CreateTable(kName, *std::move(first)));
  }

  iceberg::LoadedTable Load() { return catalog_->LoadTable(kName).value(); }

  /// Rows n … n + count - 1 of texts that tell them apart.
  static std::vector<Row> Numbers(int64_t begin, int64_t count) {
    std::vector<Row> rows;
    for (int64_t n = begin; n < begin + count; ++n) {
      rows.push_back({Cell(Value(n)), Cell(Value("row " + std::to_string(n)))});
    }
    return rows;
  }

  TableChange NewChange() {
    const iceberg::LoadedTable base = Load();
    TableChange change{.table = kName, .table_uuid = base.metadata->table_uuid};
    change.snapshot_id = iceberg::NewSnapshotId(base.metadata.get());
    change.changes.read_snapshot = base.metadata->current_snapshot_id;
    return change;
  }

  void Add(TableChange& change, std::vector<iceberg::DataFile> files) {
    const iceberg::LoadedTable base = Load();
    iceberg::ChangeSet& changes = change.changes;
    for (const iceberg::DataFile& file : files) {
      if (file.content == iceberg::FileContent::kData) {
        changes.appended_files += 1;
        changes.appended_rows += file.record_count;
        changes.appended_bytes += file.file_size_bytes;
      } else {
        changes.added_deletes.push_back({file, base.metadata->default_spec_id});
      }
    }
    auto manifest = iceberg::WriteManifestOf(MakeCommitContext(context_, Uuid::Random()),
                                             *base.metadata, base.metadata->current_schema(),
                                             {.files = std::move(files)}, change.snapshot_id, 0);
    ASSERT_TRUE(manifest) << manifest.error().message;
    changes.appended_manifests.push_back(*std::move(manifest));
  }

  Result<> TryCommit(const TableChange& change) {
    const Writer writer{.id = Uuid::Random(), .issuer = "test"};
    TableContext without_journal = context_;
    without_journal.journal = nullptr;
    TARN_TRY(CommitTables(without_journal, *catalog_, writer, {&change, 1}));
    return {};
  }
  void Commit(const TableChange& change) {
    const Result<> committed = TryCommit(change);
    EXPECT_TRUE(committed) << committed.error().message << " " << committed.error().detail;
  }

  /// One file, in one commit.
  iceberg::DataFile Append(const std::vector<Row>& rows, std::vector<Value> partition = {}) {
    iceberg::DataFile file = WriteFile(fields_, rows);
    file.partition = std::move(partition);
    TableChange change = NewChange();
    change.changes.read_snapshot.reset();
    Add(change, {file});
    Commit(change);
    return file;
  }

  /// A vector in version 3, else a position delete file; not yet committed.
  iceberg::DataFile DeletesIn(const iceberg::DataFile& of, const std::vector<int64_t>& positions) {
    iceberg::DataFile file;
    if (Load().metadata->format_version >= 3) {
      iceberg::PositionBitmap bitmap;
      bitmap.Add(positions);
      iceberg::PuffinWriter puffin;
      const auto blob = puffin.AddDeletionVector(of.file_path, bitmap).value();
      file.file_path = NewLocation() + ".puffin";
      file.file_format = "PUFFIN";
      file.record_count = bitmap.cardinality();
      file.content_offset = blob.offset;
      file.content_size_bytes = blob.length;
      const std::string bytes = puffin.Finish();
      file.file_size_bytes = static_cast<int64_t>(bytes.size());
      EXPECT_TRUE(storage_->Put(file.file_path, bytes, storage::PutMode::kIfAbsent));
    } else {
      file = PositionFile(of, positions);
    }
    file.content = iceberg::FileContent::kPositionDeletes;
    file.referenced_data_file = of.file_path;
    file.partition = of.partition;
    return file;
  }

  iceberg::DataFile PositionFile(const iceberg::DataFile& of,
                                 const std::vector<int64_t>& positions) {
    std::vector<Row> rows;
    for (const int64_t position : positions) {
      rows.push_back({Cell(Value(of.file_path)), Cell(Value(position))});
    }
    Field path = MakeField(2147483546, "file_path", kText);
    Field position = MakeField(2147483545, "pos", kLong);
    path.required = position.required = true;
    return WriteFile({path, position}, rows, {.metrics = {.mode = engine::MetricsMode::kFull}});
  }

  iceberg::DataFile EqualityFile(const std::vector<int64_t>& numbers) {
    std::vector<Row> rows;
    for (const int64_t n : numbers) rows.push_back({Cell(Value(n))});
    iceberg::DataFile file = WriteFile({fields_[0]}, rows);
    file.content = iceberg::FileContent::kEqualityDeletes;
    file.equality_ids = {fields_[0].id};
    return file;
  }

  TableChange Deletion(iceberg::DataFile deletes) {
    TableChange change = NewChange();
    Add(change, {std::move(deletes)});
    return change;
  }
  void Delete(const iceberg::DataFile& of, const std::vector<int64_t>& positions) {
    Commit(Deletion(DeletesIn(of, positions)));
  }
  void DeleteEqual(const std::vector<int64_t>& numbers) { Commit(Deletion(EqualityFile(numbers))); }

  iceberg::ScanPlan PlanNow() {
    return iceberg::PlanScan(MakeCommitContext(context_, Uuid()), Load().metadata, {}).value();
  }
  std::vector<Row> TableRows() { return Scan({.plan = PlanNow(), .columns = ColumnsOf(fields_)}); }
  /// By `n`: a rewrite moves its rows behind those of files that stay.
  std::vector<Row> SortedRows() {
    std::vector<Row> rows = TableRows();
    std::ranges::stable_sort(rows, {},
                             [](const Row& row) { return std::get<int64_t>(row[0].value); });
    return rows;
  }
  /// Rows with _row_id and _last_updated_sequence_number.
  std::vector<Row> RowsWithLineage() {
    std::vector<Field> fields = fields_;
    fields.push_back({.id = iceberg::metadata_column::kRowId, .name = "_row_id", .type = kLong});
    fields.push_back({.id = iceberg::metadata_column::kLastUpdatedSequence,
                      .name = "_last_updated_sequence_number",
                      .type = kLong});
    return Scan({.plan = PlanNow(), .columns = ColumnsOf(fields)});
  }

  void ExpectSound() {
    const auto report = iceberg::Fsck(*storage_, &engine_->data_file_reader(),
                                      Load().metadata_location, {.find_orphans = false});
    ASSERT_TRUE(report) << report.error().message;
    for (const iceberg::Finding& finding : report->findings) {
      EXPECT_NE(finding.severity, iceberg::Severity::kError)
          << finding.code << " " << finding.location << ": " << finding.message;
    }
  }

  const std::vector<Field> fields_ = {MakeField(1, "n", kLong), MakeField(2, "s", kText)};
  iceberg::ManifestCache cache_;
  TableCache tables_;
  std::unique_ptr<catalog::Catalog> catalog_;
  TableContext context_;
};

}  // namespace tarn::table
