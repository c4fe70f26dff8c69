// SPDX-License-Identifier: Apache-2.0
// For tests: a lake in a scratch directory, with a query engine, whose tables hold rows of values.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catalog/directory_catalog.h"
#include "engine/engine.h"
#include "engine/testing/test_rows.h"
#include "iceberg/commit/commit.h"
#include "iceberg/fsck/fsck.h"
#include "iceberg/manifests/manifest_cache.h"
#include "iceberg/model/metadata_columns.h"
#include "iceberg/plan/scan_plan.h"
#include "storage/storage.h"
#include "storage/testing/scratch_directory.h"
#include "table/commit.h"
#include "table/row_delta.h"
#include "table/row_update.h"
#include "table/row_writer.h"
#include "table/table_cache.h"
#include "table/table_context.h"

namespace tarn::table {

using engine::Cell;
using engine::Row;

inline Field Column(int32_t id, std::string name, Type type) {
  return Field{.id = FieldId(id), .name = std::move(name), .type = std::move(type)};
}

inline iceberg::PartitionSpec SpecOf(
    std::vector<std::pair<int32_t, std::string_view>> source_and_transform) {
  iceberg::PartitionSpec spec;
  for (const auto& [source, transform] : source_and_transform) {
    const auto number = static_cast<int32_t>(spec.fields.size());
    spec.fields.push_back({.source_ids = {FieldId(source)},
                           .id = iceberg::PartitionFieldId(1000 + number),
                           .name = fmt::format("part_{}", number),
                           .transform = iceberg::Transform::Parse(transform).value()});
  }
  return spec;
}

template <typename T>
T Must(Result<T> result) {
  EXPECT_TRUE(result) << result.error().message << " " << result.error().detail;
  if (!result) abort();
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

/// Used by one thread.
class RowLake {
 public:
  /// In a directory of its own, or in one that is there and stays.
  explicit RowLake(const std::string& directory = "", engine::EngineOptions options = {})
      : storage_(storage::OpenLocalStorage(
                     {.buckets_directory = directory.empty() ? scratch_.path() : directory,
                      .allowed_prefixes = {},
                      .durable = false})
                     .value()),
        engine_(OpenEngine(std::move(options))),
        manifests_(storage_.get(), size_t{16} << 20),
        tables_(storage_.get(), 16),
        context_{.storage = storage_.get(),
                 .engine = engine_.get(),
                 .manifests = &manifests_,
                 .tables = &tables_} {
    // What a test compares must not expire meanwhile.
    context_.policy.min_snapshots_to_keep = context_.policy.max_snapshots_to_keep = 1'000'000;
    catalog_ =
        catalog::OpenDirectoryCatalog(storage_.get(), &manifests_, kLocation, context_.policy);
  }

  static constexpr const char* kLocation = "s3://bucket/lake";

  TableContext& context() { return context_; }
  catalog::Catalog& catalog() { return *catalog_; }
  storage::Storage& storage() { return *storage_; }
  engine::Engine& engine() { return *engine_; }

  static Writer NewWriter() { return {.id = Uuid::Random(), .issuer = "test"}; }

  iceberg::LoadedTable Create(const std::string& name, std::vector<Field> fields,
                              iceberg::PartitionSpec spec = {}, int32_t version = 2,
                              std::map<std::string, std::string> properties = {}) {
    auto first = Must(iceberg::NewTableMetadata(
        Uuid::Random(), fmt::format("{}/{}", kLocation, name), {.fields = std::move(fields)},
        std::move(spec), std::move(properties), 1'700'000'000'000, version));
    return Must(catalog_->CreateTable({{}, name}, std::move(first)));
  }

  iceberg::LoadedTable Load(const std::string& name) {
    return Must(catalog_->LoadTable({{}, name}));
  }

  Result<std::vector<iceberg::DataFile>> TryWrite(const iceberg::TableMetadata& table,
                                                  const std::vector<Row>& rows,
                                                  RowWriterOptions options, size_t batch_rows) {
    std::vector<Type> types;
    for (const Field& field : options.fields) types.push_back(field.type);
    const std::vector<Field> fields = options.fields;
    TARN_ASSIGN(const auto writer, OpenRowWriter(context_, NewWriter(), table, std::move(options)));
    for (size_t begin = 0; begin < rows.size(); begin += batch_rows) {
      const auto part = std::span(rows).subspan(begin, std::min(batch_rows, rows.size() - begin));
      const auto bytes = engine::EncodeRows(fields, part);
      TARN_ASSIGN(const BatchView batch, DecodeBatch(*bytes, types));
      TARN_TRY(writer->Append(batch));
    }
    return writer->Finish();
  }

  /// With the table's columns and partition spec.
  std::vector<iceberg::DataFile> Write(const iceberg::TableMetadata& table,
                                       const std::vector<Row>& rows, size_t batch_rows = 1000) {
    return Must(TryWrite(
        table, rows,
        {.fields = table.current_schema().fields, .partition_spec_id = table.default_spec_id},
        batch_rows));
  }

  Result<iceberg::LoadedTable> TryCommit(const std::string& name, iceberg::ChangeSet changes,
                                         iceberg::SnapshotId snapshot_id) {
    TableChange change{
        .table = {{}, name}, .changes = std::move(changes), .snapshot_id = snapshot_id};
    TARN_ASSIGN(auto tables, CommitTables(context_, *catalog_, NewWriter(), {&change, 1}));
    return std::move(tables.at(0));
  }

  iceberg::LoadedTable Commit(const std::string& name, PreparedRowChange change) {
    return Must(TryCommit(name, std::move(change.changes), change.snapshot_id));
  }

  /// Commits new files of the default spec.
  iceberg::LoadedTable AddFiles(const std::string& name, std::vector<iceberg::DataFile> files) {
    const auto base = Load(name);
    const auto snapshot_id = iceberg::NewSnapshotId(base.metadata.get());
    iceberg::ChangeSet changes;
    Must(AddDataFiles(
        context_, NewWriter(), base, snapshot_id,
        {.files = std::move(files), .partition_spec_id = base.metadata->default_spec_id}, 0,
        changes));
    return Must(TryCommit(name, std::move(changes), snapshot_id));
  }

  /// One commit, and one file per partition.
  iceberg::LoadedTable Append(const std::string& name, const std::vector<Row>& rows) {
    return AddFiles(name, Write(*Load(name).metadata, rows));
  }

  /// Deletes of any files of a partition in one position delete file, as other writers make them.
  /// Version 2. Rows: path and position, in order.
  iceberg::LoadedTable AddSharedDeletes(const std::string& name, const std::vector<Row>& rows,
                                        std::vector<Value> partition = {}) {
    namespace metadata_column = iceberg::metadata_column;
    const auto base = Load(name);
    const std::vector<Field> fields = {{.id = metadata_column::kDeletePath,
                                        .name = "file_path",
                                        .required = true,
                                        .type = Type::Primitive(TypeKind::kString)},
                                       {.id = metadata_column::kDeletePosition,
                                        .name = "pos",
                                        .required = true,
                                        .type = Type::Primitive(TypeKind::kLong)}};
    auto writer = Must(
        engine_->CreateDataFile(fmt::format("{}/data/{}-shared-deletes.parquet",
                                            base.metadata->location, Uuid::Random().ToString()),
                                fields, {.metrics = {.mode = engine::MetricsMode::kFull}}));
    const std::vector<Type> types = {fields[0].type, fields[1].type};
    const auto bytes = engine::EncodeRows(fields, rows);
    Must(writer->Append(Must(DecodeBatch(*bytes, types))));
    iceberg::DataFile file = Must(writer->Close());
    file.content = iceberg::FileContent::kPositionDeletes;
    file.partition = std::move(partition);
    iceberg::ChangeSet changes{.read_snapshot = base.metadata->current_snapshot_id};
    const auto snapshot_id = iceberg::NewSnapshotId(base.metadata.get());
    changes.added_deletes.push_back({file, base.metadata->default_spec_id});
    changes.appended_manifests.push_back(Must(iceberg::WriteManifestOf(
        MakeCommitContext(context_, Uuid::Random()), *base.metadata,
        base.metadata->current_schema(),
        {.files = {file}, .partition_spec_id = base.metadata->default_spec_id}, snapshot_id, 0)));
    return Must(TryCommit(name, std::move(changes), snapshot_id));
  }

  /// Rows are deleted by the equality of columns, as writers of change streams do. No partitions.
  iceberg::LoadedTable AddEqualityDeletes(const std::string& name, std::vector<Field> keys,
                                          const std::vector<Row>& rows) {
    const auto base = Load(name);
    auto writer = Must(
        engine_->CreateDataFile(fmt::format("{}/data/{}-equality-deletes.parquet",
                                            base.metadata->location, Uuid::Random().ToString()),
                                keys, {}));
    std::vector<Type> types;
    for (const Field& key : keys) types.push_back(key.type);
    const auto bytes = engine::EncodeRows(keys, rows);
    Must(writer->Append(Must(DecodeBatch(*bytes, types))));
    iceberg::DataFile file = Must(writer->Close());
    file.content = iceberg::FileContent::kEqualityDeletes;
    for (const Field& key : keys) file.equality_ids.push_back(key.id);
    iceberg::ChangeSet changes{.read_snapshot = base.metadata->current_snapshot_id};
    const auto snapshot_id = iceberg::NewSnapshotId(base.metadata.get());
    changes.added_deletes.push_back({file, base.metadata->default_spec_id});
    changes.appended_manifests.push_back(Must(iceberg::WriteManifestOf(
        MakeCommitContext(context_, Uuid::Random()), *base.metadata,
        base.metadata->current_schema(),
        {.files = {file}, .partition_spec_id = base.metadata->default_spec_id}, snapshot_id, 0)));
    return Must(TryCommit(name, std::move(changes), snapshot_id));
  }

  /// Columns of rows that move with their lineage.
  static std::vector<Field> WithLineage(std::vector<Field> fields) {
    namespace metadata_column = iceberg::metadata_column;
    fields.push_back({.id = metadata_column::kRowId,
                      .name = "_row_id",
                      .type = Type::Primitive(TypeKind::kLong)});
    fields.push_back({.id = metadata_column::kLastUpdatedSequence,
                      .name = "_last_updated_sequence_number",
                      .type = Type::Primitive(TypeKind::kLong)});
    return fields;
  }

  /// Live rows of some files of a plan.
  std::vector<Row> RowsOf(const iceberg::ScanPlan& plan, std::vector<iceberg::ScanFile> files,
                          const std::vector<Field>& fields) {
    engine::ScanRequest request{.plan = plan};
    request.plan->files = std::move(files);
    for (const Field& field : fields) request.columns.push_back(ColumnOf(field));
    return Scan(std::move(request));
  }

  /// Files take the place of others: copy on write, or a rewrite of the same rows.
  iceberg::LoadedTable ReplaceFiles(const std::string& name,
                                    const std::vector<iceberg::ScanFile>& removed,
                                    const std::vector<Field>& fields, const std::vector<Row>& rows,
                                    bool is_rewrite) {
    const auto base = Load(name);
    const auto snapshot_id = iceberg::NewSnapshotId(base.metadata.get());
    iceberg::ChangeSet changes{.read_snapshot = base.metadata->current_snapshot_id};
    changes.is_rewrite = is_rewrite;
    for (const iceberg::ScanFile& file : removed) {
      changes.removed_data_files.push_back(RemovalOf(file));
    }
    if (!rows.empty()) {
      auto files = Must(
          TryWrite(*base.metadata, rows,
                   {.fields = fields, .partition_spec_id = base.metadata->default_spec_id}, 1000));
      Must(AddDataFiles(
          context_, NewWriter(), base, snapshot_id,
          {.files = std::move(files), .partition_spec_id = base.metadata->default_spec_id}, 0,
          changes));
    }
    return Must(TryCommit(name, std::move(changes), snapshot_id));
  }

  static engine::ScanColumn ColumnOf(const Field& field) {
    return {.field = field, .default_value = {}};
  }

  std::vector<Row> Scan(engine::ScanRequest request) {
    std::vector<Type> types;
    for (const engine::ScanColumn& column : request.columns) types.push_back(column.field.type);
    const auto stream = Must(engine_->OpenScan(std::move(request)));
    return ReadAll(*stream, types);
  }

  static std::vector<Row> ReadAll(engine::RowStream& stream, const std::vector<Type>& types) {
    std::vector<Row> rows;
    std::vector<uint8_t> bytes;
    while (true) {
      Must(stream.Next(bytes));
      if (bytes.empty()) return rows;
      for (Row& row : engine::ReadRows(types, Must(DecodeBatch(bytes, types)))) {
        rows.push_back(std::move(row));
      }
    }
  }

  iceberg::ScanPlan Plan(const iceberg::LoadedTable& table,
                         std::optional<iceberg::SnapshotId> snapshot = std::nullopt) {
    return Must(iceberg::PlanScan(MakeCommitContext(context_, Uuid()), table.metadata,
                                  {.snapshot = snapshot}));
  }

  /// All rows of the table, or of a snapshot in the columns of the table.
  std::vector<Row> Rows(const iceberg::LoadedTable& table,
                        std::optional<iceberg::SnapshotId> snapshot = std::nullopt) {
    engine::ScanRequest request{.plan = Plan(table, snapshot)};
    for (const Field& field : table.metadata->current_schema().fields) {
      request.columns.push_back(ColumnOf(field));
    }
    return Scan(std::move(request));
  }

  /// Nothing but a data file's known deviations may be found.
  void ExpectSound(const iceberg::LoadedTable& table) {
    const auto report = Must(iceberg::Fsck(*storage_, &engine_->data_file_reader(),
                                           table.metadata_location, {.find_orphans = false}));
    for (const iceberg::Finding& finding : report.findings) {
      if (finding.severity != iceberg::Severity::kError) continue;
      ADD_FAILURE() << finding.code << " " << finding.location << ": " << finding.message;
    }
  }

 private:
  std::unique_ptr<engine::Engine> OpenEngine(engine::EngineOptions options) {
    options.storage = storage_.get();
    options.threads = 2;
    return engine::Engine::Open(options).value();
  }

  storage::ScratchDirectory scratch_;
  std::unique_ptr<storage::Storage> storage_;
  std::unique_ptr<engine::Engine> engine_;
  iceberg::ManifestCache manifests_;
  TableCache tables_;
  TableContext context_;
  std::unique_ptr<catalog::Catalog> catalog_;
};

}  // namespace tarn::table
