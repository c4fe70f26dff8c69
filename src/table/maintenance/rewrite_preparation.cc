// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "iceberg/commit/entry_schema.h"
#include "iceberg/model/metadata_columns.h"
#include "iceberg/values/partition_path.h"
#include "storage/publication.h"
#include "table/data_file_roller.h"
#include "table/data_locations.h"
#include "table/delete_scope.h"
#include "table/maintenance/file_selection.h"
#include "table/maintenance/rewrite_data_files.h"
#include "table/maintenance/sort_keys.h"
#include "table/row_writer.h"
#include "table/write_properties.h"

namespace tarn::table {
namespace {

using iceberg::DataFile;
using iceberg::RemovedFile;
using iceberg::ScanFile;

constexpr int32_t kSequencesVersion = 2;
constexpr int32_t kLineageVersion = 3;
// Room for what an estimate of a file's size may be off, so that the last file of a group does not
// become a sliver.
constexpr double kRollSlack = 1.05;

/// What files hold: the table's columns, and where a row comes from.
std::vector<Field> FileFields(const iceberg::TableMetadata& table) {
  std::vector<Field> fields;
  for (const Field& field : table.current_schema().fields) {
    if (field.type.kind != TypeKind::kUnknown) fields.push_back(field);
  }
  if (table.format_version < kLineageVersion) return fields;
  using namespace iceberg::metadata_column;  // NOLINT(google-build-using-namespace): two names
  const Type number = Type::Primitive(TypeKind::kLong);
  fields.push_back({.id = kRowId, .name = "_row_id", .type = number});
  fields.push_back(
      {.id = kLastUpdatedSequence, .name = "_last_updated_sequence_number", .type = number});
  return fields;
}

/// Files of one partition, which the rows are known to be of.
class PartitionWriter : public RowWriter {
 public:
  PartitionWriter(const TableContext& context, WriteProperties properties, DataLocations locations,
                  RowWriterOptions options, const ScanFile& like, const iceberg::Schema& schema)
      : options_(std::move(options)),
        properties_(std::move(properties)),
        locations_(std::move(locations)),
        tuple_(like.file().partition),
        path_(iceberg::PartitionPath(schema, like.manifest->header.spec, tuple_)),
        publication_(context.workers),
        roller_({*context.engine, publication_, options_.fields, properties_.files,
                 options_.target_file_size_bytes},
                [this]() -> Result<std::string> { return locations_.Next(path_, ".parquet"); }) {}

  Result<> Append(const BatchView& batch) override { return roller_.Append(batch); }

  Result<std::vector<DataFile>> Finish() override {
    TARN_TRY(roller_.EndFile());
    TARN_TRY(publication_.Finish());
    std::vector<DataFile> files = roller_.TakeFiles();
    for (DataFile& file : files) {
      file.partition = tuple_;
      file.sort_order_id = options_.sort_order_id;
    }
    return files;
  }

  int32_t next_ordinal() const override { return locations_.next_ordinal(); }

 private:
  const RowWriterOptions options_;
  const WriteProperties properties_;
  DataLocations locations_;
  const std::vector<Value> tuple_;
  const std::string path_;
  storage::Publication publication_;
  DataFileRoller roller_;
};

/// One rewrite.
class Rewriter {
 public:
  Rewriter(const TableContext& context, const Writer& writer, const iceberg::LoadedTable& base,
           const RewriteGroup& group, const RewriteDataFilesOptions& options,
           const MaintenanceRun& run)
      : context_(context),
        writer_(writer),
        table_(*base.metadata),
        group_(group),
        options_(options),
        run_(run),
        fields_(FileFields(table_)) {}

  Result<PreparedRewrite> Run() {
    if (group_.plan.files.empty() || table_.current_snapshot() == nullptr) {
      return Fail(ErrorKind::kInvalidArgument, "a rewrite of table \"{}\" has no files",
                  table_.location);
    }
    TARN_ASSIGN(const std::vector<DataFile> files, CopyRows());
    for (const DataFile& file : files) prepared_.written_files.push_back(file.file_path);
    prepared_.snapshot_id = iceberg::NewSnapshotId(&table_);
    if (!files.empty()) TARN_TRY(WriteManifest(files));
    Describe();
    return std::move(prepared_);
  }

 private:
  const ScanFile& first() const { return group_.plan.files.front(); }
  bool changes_spec() const { return group_.output_spec_id != first().spec_id; }

  Result<std::vector<DataFile>> CopyRows() {
    engine::ScanRequest request{.plan = group_.plan};
    std::optional<iceberg::SortOrderId> sort_order_id;
    if (options_.sort) {
      TARN_ASSIGN(request.order_by, DefaultSortKeys(table_));
      if (!request.order_by.empty()) sort_order_id = table_.default_sort_order_id;
    }
    std::vector<Type> types;
    for (const Field& field : fields_) {
      request.columns.push_back({.field = field, .default_value = {}});
      types.push_back(field.type);
    }
    TARN_ASSIGN(const auto rows_out, OpenWriter(sort_order_id));
    TARN_ASSIGN(const auto stream, context_.engine->OpenScan(std::move(request)));
    std::vector<uint8_t> bytes;
    int64_t rows = 0;
    while (true) {
      TARN_TRY(run_.CheckGoesOn());
      TARN_TRY(stream->Next(bytes));
      if (bytes.empty()) return rows_out->Finish();
      TARN_ASSIGN(const BatchView batch, DecodeBatch(bytes, types));
      TARN_TRY(rows_out->Append(batch));
      rows += batch.rows;
      ReportProgress(rows);
    }
  }

  Result<std::unique_ptr<RowWriter>> OpenWriter(
      std::optional<iceberg::SortOrderId> sort_order_id) const {
    TARN_ASSIGN(const RewriteTargets targets, TargetsOf(table_, options_));
    const int64_t outputs = ExpectedFiles(group_.input_bytes, targets);
    const auto share =
        static_cast<double>(group_.input_bytes) / static_cast<double>(outputs) * kRollSlack;
    RowWriterOptions options{
        .fields = fields_,
        .partition_spec_id = group_.output_spec_id,
        .target_file_size_bytes = std::max(targets.target_bytes, static_cast<int64_t>(share)),
        .sort_order_id = sort_order_id};
    if (changes_spec()) return OpenRowWriter(context_, writer_, table_, std::move(options));
    TARN_ASSIGN(WriteProperties properties, DataWriteProperties(table_, fields_));
    TARN_ASSIGN(DataLocations locations, DataLocations::Make(table_, writer_.id, 0));
    return std::make_unique<PartitionWriter>(context_, std::move(properties), std::move(locations),
                                             std::move(options), first(), table_.current_schema());
  }

  void ReportProgress(int64_t rows) const {
    // By rows, of which deleted ones do not come: never more than everything.
    const double part = std::min(static_cast<double>(rows) / static_cast<double>(std::max<int64_t>(
                                                                 group_.plan.planned_rows, 1)),
                                 1.0);
    run_.Report({.action = "rewriting data files",
                 .done = static_cast<int64_t>(static_cast<double>(group_.input_bytes) * part),
                 .total = group_.input_bytes});
  }

  /// Over a schema that still knows the columns of the spec.
  Result<> WriteManifest(const std::vector<DataFile>& written) {
    std::vector<iceberg::ManifestEntry> entries;
    for (const DataFile& file : written) entries.push_back({.data_file = file});
    const iceberg::PartitionSpec* spec = table_.FindPartitionSpec(group_.output_spec_id);
    const auto schema = iceberg::SchemaOfEntries(
        table_, spec != nullptr ? *spec : first().manifest->header.spec,
        changes_spec() ? table_.current_schema() : first().manifest->header.schema, entries);
    if (!schema) {
      return Fail(ErrorKind::kUnsupported,
                  "files of partition spec {} of table \"{}\" cannot be described anew",
                  group_.output_spec_id.value(), table_.location);
    }
    iceberg::NewFiles files{.partition_spec_id = group_.output_spec_id,
                            .data_sequence_number = DataSequence()};
    iceberg::ChangeSet& changes = prepared_.changes;
    for (iceberg::ManifestEntry& entry : entries) {
      changes.appended_rows += entry.data_file.record_count;
      changes.appended_bytes += entry.data_file.file_size_bytes;
      files.files.push_back(std::move(entry.data_file));
    }
    changes.appended_files = static_cast<int64_t>(files.files.size());
    TARN_ASSIGN(iceberg::ManifestFile manifest,
                iceberg::WriteManifestOf(MakeCommitContext(context_, writer_.id), table_, *schema,
                                         std::move(files), prepared_.snapshot_id, 0));
    prepared_.written_files.push_back(manifest.manifest_path);
    changes.appended_manifests.push_back(std::move(manifest));
    return {};
  }

  /// Deletes that the plan knows are done; those that come are newer than the base. Where the spec
  /// changes, a delete of a partition that comes would not reach the new files: without a number of
  /// their own, it is a conflict.
  std::optional<iceberg::SequenceNumber> DataSequence() const {
    if (table_.format_version < kSequencesVersion || changes_spec()) return std::nullopt;
    return table_.current_snapshot()->sequence_number;
  }

  void Describe() {
    iceberg::ChangeSet& changes = prepared_.changes;
    changes.is_rewrite = true;
    changes.read_snapshot = table_.current_snapshot_id;
    changes.data_sequence_number = DataSequence();
    for (const ScanFile& file : group_.plan.files) {
      changes.removed_data_files.push_back(
          {.file = file.file(),
           .partition_spec_id = file.spec_id,
           .data_sequence_number = *file.entry->sequence_number,
           .manifest_path = file.manifest_path == nullptr ? "" : *file.manifest_path});
      if (file.deletes == nullptr) continue;
      for (const iceberg::DeleteFile& deletes : file.deletes->positions) {
        if (!DeletesOnlyFrom(deletes.file(), file.file().file_path)) continue;
        changes.removed_delete_files.push_back({.file = deletes.file(),
                                                .partition_spec_id = file.spec_id,
                                                .data_sequence_number = deletes.sequence_number()});
      }
    }
    prepared_.added_files = changes.appended_files;
    prepared_.added_bytes = changes.appended_bytes;
  }

  const TableContext& context_;
  const Writer& writer_;
  const iceberg::TableMetadata& table_;
  const RewriteGroup& group_;
  const RewriteDataFilesOptions& options_;
  const MaintenanceRun& run_;
  const std::vector<Field> fields_;
  PreparedRewrite prepared_;
};

}  // namespace

Result<PreparedRewrite> PrepareRewrite(const TableContext& context, const Writer& writer,
                                       const iceberg::LoadedTable& base, const RewriteGroup& group,
                                       const RewriteDataFilesOptions& options,
                                       const MaintenanceRun& run) {
  return Rewriter(context, writer, base, group, options, run).Run();
}

}  // namespace tarn::table
