// SPDX-License-Identifier: Apache-2.0
// Step 1 of the commit, without locks: data files and their manifests.
#include <algorithm>
#include <ranges>

#include "base/clock.h"
#include "lake/column_following.h"
#include "lake/data_file_roller.h"
#include "lake/transaction.h"
#include "lake/unpartitioned_spec.h"

namespace tarn::lake {
namespace {

/// Parts of the ascending ranges that lie in [begin, end).
std::vector<RowRange> Intersect(const std::vector<RowRange>& ranges, int64_t begin, int64_t end) {
  std::vector<RowRange> parts;
  for (const RowRange& range : ranges) {
    const RowRange part{std::max(range.begin, begin), std::min(range.end, end)};
    if (part.begin < part.end) parts.push_back(part);
  }
  return parts;
}

int64_t CountRows(const std::vector<RowRange>& ranges) {
  int64_t rows = 0;
  for (const RowRange& range : ranges) rows += range.end - range.begin;
  return rows;
}

/// Ascending, disjoint, within the rows; adjacent ones joined.
Result<std::vector<RowRange>> CheckRanges(const std::vector<RowRange>& ranges, int64_t rows) {
  std::vector<RowRange> joined;
  for (const RowRange& range : ranges) {
    const int64_t before = joined.empty() ? 0 : joined.back().end;
    if (range.begin < before || range.end < range.begin || range.end > rows) {
      return Fail(ErrorKind::kInvalidArgument, "rows {} to {} of {} are not there or named twice",
                  range.begin, range.end, rows);
    }
    if (range.begin == range.end) continue;
    if (!joined.empty() && before == range.begin) {
      joined.back().end = range.end;
    } else {
      joined.push_back(range);
    }
  }
  return joined;
}

bool SameColumns(const std::vector<Field>& a, const std::vector<Field>& b) {
  return std::ranges::equal(
      a, b, [](const Field& x, const Field& y) { return x.id == y.id && x.type == y.type; });
}

/// Whether a file of columns `written` may stand in a table of columns `wanted`: nothing that the
/// table does not know, and what is missing reads as null.
bool MayStand(const std::vector<Field>& written, const std::vector<Field>& wanted,
              const std::vector<ColumnDefault>& defaults) {
  const auto find = [](const std::vector<Field>& fields, FieldId id) {
    return std::ranges::find(fields, id, &Field::id);
  };
  for (const Field& field : written) {
    const auto found = find(wanted, field.id);
    if (found == wanted.end() || found->type != field.type) return false;
  }
  return std::ranges::all_of(wanted, [&](const Field& field) {
    return find(written, field.id) != written.end() ||
           std::ranges::find(defaults, field.id, &ColumnDefault::field) == defaults.end();
  });
}

std::vector<engine::ScanColumn> ColumnsOf(const PrepareTable& table) {
  std::vector<engine::ScanColumn> columns;
  for (const Field& field : table.fields) {
    const auto found = std::ranges::find(table.defaults, field.id, &ColumnDefault::field);
    columns.push_back(
        {field, found == table.defaults.end() ? std::vector<uint8_t>() : found->batch});
  }
  return columns;
}

}  // namespace

/// One table of a Prepare.
class TablePreparation {
 public:
  TablePreparation(LakeTransaction& transaction, const PrepareTable& table,
                   storage::Publication& publication)
      : transaction_(transaction),
        lake_(transaction.lake_),
        table_(table),
        publication_(publication),
        context_(table::MakeCommitContext(lake_, transaction.key_.uuid)),
        roller_(
            *lake_.engine, lake_.limits, transaction.request_, publication,
            [&transaction, place = table.place] { return transaction.NewDataFileLocation(place); },
            table.fields) {}

  Result<PreparedWrite> Run() {
    TARN_ASSIGN(write_.location, transaction_.Locate(table_.place));
    write_.place = table_.place;
    write_.base_metadata_location = table_.base_metadata_location;
    TARN_TRY(LoadBase());
    if (table_.materialize_defaults) TARN_TRY(RewriteBase());
    if (table_.storage != 0) TARN_TRY(WriteStorage());
    TARN_ASSIGN(const std::vector<iceberg::DataFile> files, roller_.Finish());
    TARN_TRY(Describe(files));
    return std::move(write_);
  }

 private:
  iceberg::Schema WantedSchema() const {
    return {.id = write_.base.metadata == nullptr ? iceberg::SchemaId(0)
                                                  : write_.base.metadata->current_schema_id,
            .fields = table_.fields};
  }

  Result<> LoadBase() {
    if (!table_.place.create) {
      TARN_ASSIGN(write_.base, lake_.tables->Load(table_.base_metadata_location));
      const iceberg::Schema& known = write_.base.metadata->current_schema();
      write_.changes.schema =
          iceberg::SchemaChange{.read = known, .fields = AsMetadataHasThem(known, table_.fields)};
      if (table_.format_version > write_.base.metadata->format_version) {
        write_.changes.updates.emplace_back(iceberg::UpgradeFormatVersion{table_.format_version});
      }
      return {};
    }
    TARN_ASSIGN(
        iceberg::TableMetadata metadata,
        iceberg::NewTableMetadata(
            table_.place.table_uuid, write_.location, WantedSchema(), {},
            {{"write.parquet.compression-codec", "zstd"}}, NowMs(),
            table_.format_version != 0 ? table_.format_version : iceberg::kDefaultFormatVersion));
    metadata.last_column_id = std::max(metadata.last_column_id, FieldId(table_.last_column_id));
    write_.base.metadata = std::make_shared<const iceberg::TableMetadata>(std::move(metadata));
    return {};
  }

  /// Rows that were committed without a column get its default in files of their own.
  Result<> RewriteBase() {
    TARN_ASSIGN(iceberg::ScanPlan plan, iceberg::PlanScan(context_, write_.base.metadata, {}));
    write_.needs_base = true;
    return roller_.AppendScan({.plan = std::move(plan), .columns = ColumnsOf(table_)});
  }

  Result<> WriteStorage() {
    const auto found = transaction_.storages_.find(table_.storage);
    if (found == transaction_.storages_.end()) return LostWithEngine();
    WriteBuffer& buffer = *found->second;
    TARN_ASSIGN(const std::vector<RowRange> live, CheckRanges(table_.live, buffer.rows()));
    TARN_TRY(buffer.CloseStream());
    for (const EarlyFile& early : buffer.files()) TARN_TRY(TakeEarlyFile(early, live));
    return TakeBatches(buffer, live);
  }

  Result<> TakeEarlyFile(const EarlyFile& early, const std::vector<RowRange>& live) {
    const auto parts = Intersect(live, early.first_ordinal, early.end_ordinal());
    if (parts.empty()) return {};
    if (CountRows(parts) == early.file.record_count &&
        MayStand(*early.fields, table_.fields, table_.defaults)) {
      return roller_.AddFile(early.file);
    }
    engine::PendingRows rows;
    rows.files.push_back({early.file, early.first_ordinal});
    return Rewrite(std::move(rows), parts);
  }

  Result<> TakeBatches(const WriteBuffer& buffer, const std::vector<RowRange>& live) {
    const auto parts = Intersect(live, buffer.first_unwritten(), buffer.rows());
    const bool whole = CountRows(parts) == buffer.rows() - buffer.first_unwritten();
    const bool same = std::ranges::all_of(buffer.batches(), [this](const auto& batch) {
      return SameColumns(*batch.fields, table_.fields);
    });
    if (!whole || !same) {
      engine::PendingRows rows;
      rows.batches = buffer.batches();
      return Rewrite(std::move(rows), parts);
    }
    for (const auto& batch : buffer.batches()) TARN_TRY(roller_.Append(batch.view));
    return {};
  }

  /// The engine's scan brings rows of other columns into the wanted ones.
  Result<> Rewrite(engine::PendingRows rows, const std::vector<RowRange>& parts) {
    if (parts.empty()) return {};
    for (const RowRange& part : parts) rows.visible.push_back({part.begin, part.end});
    return roller_.AppendScan({.pending = std::move(rows), .columns = ColumnsOf(table_)});
  }

  Result<> Describe(const std::vector<iceberg::DataFile>& files) {
    iceberg::ChangeSet& changes = write_.changes;
    const iceberg::TableMetadata& metadata = *write_.base.metadata;
    changes.replace_all = table_.replace_all || table_.materialize_defaults;
    write_.snapshot_id = iceberg::NewSnapshotId(&metadata);
    if (files.empty()) return {};
    for (const iceberg::DataFile& file : files) {
      write_.data_files.push_back(file.file_path);
      changes.appended_rows += file.record_count;
      changes.appended_bytes += file.file_size_bytes;
    }
    changes.appended_files = static_cast<int64_t>(files.size());
    const iceberg::PartitionSpec* spec = FindUnpartitionedSpec(metadata);
    if (spec == nullptr) return RefusePartitioned();
    TARN_ASSIGN(iceberg::EncodedManifest manifest,
                iceberg::EncodeManifestOf(
                    context_, metadata, WantedSchema(),
                    {.files = files, .partition_spec_id = spec->id, .data_sequence_number = {}},
                    write_.snapshot_id, transaction_.next_manifest_++));
    const std::string& path = manifest.file.manifest_path;
    transaction_.metadata_files_.push_back(path);
    publication_.Add(lake_.storage, path, std::move(manifest.bytes));
    changes.appended_manifests.push_back(std::move(manifest.file));
    return {};
  }

  std::unexpected<Error> RefusePartitioned() const {
    return std::unexpected(
        Error{ErrorKind::kUnsupported,
              fmt::format("table \"{}\" has no partition spec without fields", write_.location),
              "Rows of PostgreSQL are written under such a spec.",
              "Add one from the engine that partitioned the table."});
  }

  LakeTransaction& transaction_;
  LakeContext& lake_;
  const PrepareTable& table_;
  storage::Publication& publication_;
  const iceberg::CommitContext context_;
  DataFileRoller roller_;
  PreparedWrite write_;
};

Result<> LakeTransaction::Prepare(const lake::Prepare& message) {
  if (error_) return std::unexpected(*error_);
  const Result<> prepared = PrepareTables(message);
  if (!prepared) {
    files_unknown_ = true;
    return prepared;
  }
  std::vector<table::DroppedLocation> dropped;
  for (const DroppedTable& table : message.dropped) {
    dropped.push_back({.location = table.place.location,
                       .metadata_location = table.metadata_location,
                       .table_uuid = table.place.table_uuid,
                       .holder = HolderOf(key_.database_oid)});
    dropped_.push_back(table.place.table_oid);
  }
  return lake_.journal->AddDropped(writer_, std::move(dropped));
}

Result<> LakeTransaction::PrepareTables(const lake::Prepare& message) {
  prepared_.clear();
  TaskGroup journalling(lake_.workers);
  for (const PrepareTable& table : message.tables) TARN_TRY(LocateAhead(table.place, journalling));
  // The files are made durable meanwhile, but none appears before the journal knows.
  prepared_files_ = std::make_unique<storage::Publication>(lake_.workers, [&]() -> Result<> {
    const Result<> journalled = journalling.Wait();
    Keep(journalled);
    return journalled;
  });
  for (const PrepareTable& table : message.tables) {
    TARN_ASSIGN(PreparedWrite write, TablePreparation(*this, table, *prepared_files_).Run());
    prepared_.insert_or_assign(table.place.table_oid, std::move(write));
  }
  Result<> appeared = prepared_files_->Appear();
  // Nothing refers to them: no commit is in doubt.
  if (!appeared && appeared.error().kind == ErrorKind::kCommitStateUnknown) {
    appeared.error().kind = ErrorKind::kUnavailable;
  }
  return appeared;
}

/// Begins to journal the location of a table that exists; one to be made is claimed in its turn.
Result<> LakeTransaction::LocateAhead(const TablePlace& place, TaskGroup& journalling) {
  Table& table = tables_[place.table_oid];
  if (place.create || !table.location.empty()) return {};
  table.place = place;
  TARN_TRY(table::CheckOwner(*lake_.storage, place.location, OwnerOf(place)));
  table.location = place.location;
  journalling.Add([this, &table]() -> Result<> {
    return lake_.journal->AddLocation(writer_, table.location, false);
  });
  return {};
}

}  // namespace tarn::lake
