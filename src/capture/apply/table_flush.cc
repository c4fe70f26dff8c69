// SPDX-License-Identifier: Apache-2.0
#include "capture/apply/table_flush.h"

#include <algorithm>
#include <map>
#include <set>

#include "capture/apply/row_lookup.h"
#include "capture/apply/target_rows.h"
#include "engine/engine.h"
#include "iceberg/plan/scan_plan.h"
#include "table/row_delta.h"

namespace tarn::capture {
namespace {

using iceberg::PositionBitmap;

class Flush {
 public:
  explicit Flush(const FlushRequest& request)
      : request_(request),
        layout_(request.buffer->layout()),
        base_(request.base->table),
        rows_(layout_, request.now_us) {}

  Result<PreparedFlush> Prepare() {
    TARN_ASSIGN(
        plan_, iceberg::PlanScan(MakeCommitContext(*request_.context, Uuid()), base_.metadata, {}));
    Sort();
    TARN_TRY(FindBefore());
    const bool marks_all = request_.buffer->truncated() && !layout_.is_mirror();
    const bool replaces = !replaced_.empty() || marks_all;
    TARN_TRY(rows_.Open(*request_.context, request_.writer, base_,
                        replaces ? RowIds::kKept : RowIds::kNew));
    TARN_TRY(WriteReplaced());
    TARN_TRY(WriteFresh());
    if (marks_all) TARN_TRY(WriteTruncated());
    return Finish();
  }

 private:
  struct Replaced {
    const RowVersion* version = nullptr;
    RowPlace place;
  };

  /// What there was before of each state, and what is to be read of it.
  void Sort() {
    // What a mirror had before it was emptied is gone, and no row of later is one of those.
    result_.gone.all = layout_.is_mirror() && request_.buffer->truncated();
    if (result_.gone.all) {
      result_.applied.deleted += static_cast<int64_t>(request_.index->size());
    }
    for (const RowVersion& version : request_.buffer->versions()) {
      if (!version.latest) continue;
      const auto place = result_.gone.all ? std::nullopt : request_.index->Find(version.key);
      if (version.deleted && layout_.is_mirror()) {
        if (place) TakeAway(version.key, *place);
      } else if (place) {
        replaced_.push_back({&version, *place});
      } else if (!(version.deleted && version.unchanged >= 0)) {
        fresh_.push_back(&version);
      }
    }
  }

  void TakeAway(const KeyHash& key, const RowPlace& place) {
    deleted_[place.file].Add(place.position);
    result_.gone.keys.push_back(key);
    ++result_.applied.deleted;
  }

  /// Ids of all rows that are replaced, and when the connector inserted them; of some, values that
  /// the stream left out, which may be another key's.
  Result<> FindBefore() {
    std::set<RowPlace> plain, with_values;
    std::set<size_t> fields;
    const auto need_values = [&](const RowVersion& version) -> Result<> {
      if (version.unchanged < 0) return {};
      const auto place = request_.index->Find(version.unchanged_of);
      if (!place) return MissingRow();
      with_values.insert(*place);
      const std::vector<bool>& unchanged = request_.buffer->unchanged(version.unchanged);
      for (size_t field = 0; field < unchanged.size(); ++field) {
        if (unchanged[field]) fields.insert(field);
      }
      return {};
    };
    for (const Replaced& each : replaced_) {
      plain.insert(each.place);
      TARN_TRY(need_values(*each.version));
    }
    for (const RowVersion* version : fresh_) TARN_TRY(need_values(*version));
    for (const RowPlace& place : with_values) plain.erase(place);
    const RowLookup lookup(*request_.context, layout_, plan_, *request_.index);
    std::vector<size_t> own, all(fields.begin(), fields.end());
    if (layout_.own) {
      own.push_back(layout_.own->inserted_at);
      all.push_back(layout_.own->inserted_at);
    }
    TARN_ASSIGN(plain_, lookup.Find(std::vector(plain.begin(), plain.end()), own,
                                    request_.buffer->hasher()));
    TARN_ASSIGN(with_values_, lookup.Find(std::vector(with_values.begin(), with_values.end()), all,
                                          request_.buffer->hasher()));
    return {};
  }

  std::unexpected<Error> MissingRow() const {
    return Fail(ErrorKind::kCorruption,
                "the destination of \"{}.{}\" lacks a row whose values the source left out",
                layout_.source.name.schema, layout_.source.name.table);
  }

  Result<> WriteReplaced() {
    for (const Replaced& each : replaced_) {
      const KeyHash& key = each.version->key;
      const FoundRows& before = with_values_.Has(key) ? with_values_ : plain_;
      if (!before.Has(key)) return MissingRow();
      std::optional<FoundRows::Cell> inserted_at;
      if (layout_.own) inserted_at = before.Find(key, layout_.own->inserted_at);
      TARN_TRY(Write(*each.version, inserted_at, before.RowIdOf(key)));
      deleted_[each.place.file].Add(each.place.position);
      if (each.version->deleted) {
        ++result_.applied.deleted;
      } else {
        ++result_.applied.updated;
      }
    }
    return {};
  }

  Result<> WriteFresh() {
    for (const RowVersion* version : fresh_) {
      TARN_TRY(Write(*version, std::nullopt, std::nullopt));
      ++result_.applied.inserted;
      if (version->deleted) ++result_.applied.deleted;
    }
    return {};
  }

  Result<> Write(const RowVersion& version, const std::optional<FoundRows::Cell>& inserted_at,
                 std::optional<int64_t> row_id) {
    const std::vector<bool>* const unchanged =
        version.unchanged < 0 ? nullptr : &request_.buffer->unchanged(version.unchanged);
    for (const size_t field : layout_.replicated) {
      if (unchanged == nullptr || !(*unchanged)[field]) {
        TARN_TRY(rows_.Copy(field, values_.columns[field], version.row));
        continue;
      }
      const auto cell = with_values_.Find(version.unchanged_of, field);
      if (!cell) return MissingRow();
      TARN_TRY(rows_.Copy(field, *cell->column, cell->row));
    }
    if (inserted_at) {
      TARN_TRY(rows_.Copy(layout_.own->inserted_at, *inserted_at->column, inserted_at->row));
    }
    return rows_.End(version.key, version.deleted, row_id);
  }

  /// All other rows that are not marked as deleted yet.
  Result<> WriteTruncated() {
    engine::ScanRequest scan{.plan = plan_, .row_numbers = true};
    std::vector<Type> types = layout_.types;
    for (const Field& field : layout_.fields) {
      scan.columns.push_back({.field = field, .default_value = {}});
    }
    scan.columns.push_back({.field = RowIdColumn(), .default_value = {}});
    types.insert(types.end(), 2, Type::Primitive(TypeKind::kLong));
    TARN_ASSIGN(const auto stream, request_.context->engine->OpenScan(std::move(scan)));
    KeyHasher hasher = request_.buffer->hasher();
    std::vector<uint8_t> bytes;
    while (true) {
      TARN_TRY(stream->Next(bytes));
      if (bytes.empty()) return {};
      TARN_ASSIGN(const BatchView batch, DecodeBatch(bytes, types));
      for (int64_t row = 0; row < batch.rows; ++row) {
        TARN_TRY(WriteGone(batch, row, hasher.Hash(batch, row)));
      }
    }
  }

  Result<> WriteGone(const BatchView& batch, int64_t row, const KeyHash& key) {
    const OwnFields& own = *layout_.own;
    const ColumnView& deleted = batch.columns[own.deleted];
    const bool gone = !deleted.is_null(row) && (deleted.values[row >> 3] >> (row & 7) & 1) != 0;
    if (gone || request_.buffer->Knows(key)) return {};
    const auto place = request_.index->Find(key);
    if (!place) return MissingRow();
    for (size_t field = 0; field < layout_.fields.size(); ++field) {
      if (field == own.updated_at || field == own.deleted) continue;
      TARN_TRY(rows_.Copy(field, batch.columns[field], row));
    }
    deleted_[place->file].Add(place->position);
    ++result_.applied.deleted;
    const ColumnView& ids = batch.columns[layout_.fields.size()];
    std::optional<int64_t> row_id;
    if (!ids.is_null(row)) row_id = reinterpret_cast<const int64_t*>(ids.values)[row];
    return rows_.End(key, true, row_id);
  }

  Result<std::vector<table::DeletedRows>> Deleted() {
    std::map<std::string, const iceberg::ScanFile*> files;
    if (!deleted_.empty()) {
      for (const iceberg::ScanFile& file : plan_.files) files[file.file().file_path] = &file;
    }
    std::vector<table::DeletedRows> deleted;
    for (auto& [number, positions] : deleted_) {
      const auto file = files.find(request_.index->PathOf(number));
      if (file == files.end()) {
        return Fail(ErrorKind::kConflict, "a file with rows to be replaced is gone");
      }
      deleted.push_back({*file->second, std::move(positions)});
    }
    return deleted;
  }

  Result<PreparedFlush> Finish() {
    table::TableChange& change = result_.change;
    change.table = request_.base->name;
    change.table_uuid = base_.metadata->table_uuid;
    change.snapshot_id = iceberg::NewSnapshotId(base_.metadata.get());
    change.changes.set_properties = ToProperties(request_.progress);
    change.changes.replace_all = result_.gone.all && base_.metadata->current_snapshot_id;
    int32_t ordinal = 0;
    TARN_ASSIGN(auto deleted, Deleted());
    if (!deleted.empty()) {
      TARN_ASSIGN(auto written,
                  table::WriteDeletes(*request_.context, request_.writer, base_, change.snapshot_id,
                                      std::move(deleted), ordinal));
      ordinal = written.next_ordinal;
      table::AddDeletes(std::move(written), change.changes);
      change.changes.validation = {.no_new_deletes = true};
    }
    TARN_ASSIGN(result_.written, rows_.Finish());
    if (!result_.written.files.empty()) {
      TARN_TRY(table::AddDataFiles(
          *request_.context, request_.writer, base_, change.snapshot_id,
          {.files = result_.written.files, .partition_spec_id = base_.metadata->default_spec_id},
          ordinal, change.changes));
    }
    result_.applied.name = layout_.source.name;
    result_.applied.truncates = request_.buffer->truncates();
    return std::move(result_);
  }

  const FlushRequest& request_;
  const TableLayout& layout_;
  const iceberg::LoadedTable& base_;
  const BatchView values_ = request_.buffer->values().View();
  iceberg::ScanPlan plan_;
  TargetRows rows_;
  std::vector<Replaced> replaced_;
  std::vector<const RowVersion*> fresh_;
  FoundRows plain_, with_values_;
  std::map<IndexedFile, PositionBitmap> deleted_;
  PreparedFlush result_;
};

}  // namespace

void AddToIndex(const WrittenKeys& written, KeyIndex& index) {
  size_t next = 0;
  index.Reserve(index.size() + written.keys.size());
  for (const iceberg::DataFile& file : written.files) {
    const IndexedFile number = index.NumberOf(file.file_path);
    for (int64_t row = 0; row < file.record_count; ++row) {
      index.Put(written.keys[next++], {number, static_cast<uint32_t>(row)});
    }
  }
}

void Follow(const PreparedFlush& flush, KeyIndex& index) {
  if (flush.gone.all) index = {};
  for (const KeyHash& key : flush.gone.keys) index.Erase(key);
  AddToIndex(flush.written, index);
}

Result<PreparedFlush> PrepareFlush(const FlushRequest& request) { return Flush(request).Prepare(); }

}  // namespace tarn::capture
