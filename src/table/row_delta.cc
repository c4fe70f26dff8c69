// SPDX-License-Identifier: Apache-2.0
#include "table/row_delta.h"

#include <map>
#include <memory>
#include <set>
#include <utility>

#include "table/delete_file_writer.h"
#include "table/delete_scope.h"

namespace tarn::table {
namespace {

using iceberg::DeleteFile;
using iceberg::PositionBitmap;
using PositionsPtr = std::shared_ptr<const PositionBitmap>;

constexpr int32_t kVectorsVersion = 3;

iceberg::RemovedFile RemovalOf(const DeleteFile& deletes, iceberg::SpecId spec_id) {
  return {.file = deletes.file(),
          .partition_spec_id = spec_id,
          .data_sequence_number = deletes.sequence_number(),
          .manifest_path = {}};
}

/// One call of WriteDeletes.
class DeltaWriter {
 public:
  DeltaWriter(const TableContext& context, const Writer& writer, const iceberg::LoadedTable& base,
              iceberg::SnapshotId snapshot_id, const std::vector<DeletedRows>& deleted)
      : context_(context),
        writer_(writer),
        base_(base),
        snapshot_id_(snapshot_id),
        deleted_(deleted) {}

  Result<WrittenDeletes> Run(int32_t first_ordinal) {
    written_.read_snapshot = base_.metadata->current_snapshot_id;
    TARN_TRY(CheckPositions());
    TARN_TRY(FindEarlier());
    TARN_ASSIGN(const auto files,
                OpenDeleteFileWriter(context_, writer_, *base_.metadata, first_ordinal));
    for (size_t i = 0; i < deleted_.size(); ++i) TARN_TRY(WriteFile(i, *files));
    written_.next_ordinal = files->next_ordinal();
    TARN_ASSIGN(written_.added, files->Finish());
    TARN_TRY(Describe(first_ordinal));
    return std::move(written_);
  }

 private:
  bool vectors() const { return base_.metadata->format_version >= kVectorsVersion; }

  Result<> CheckPositions() const {
    std::set<std::string_view> paths;
    for (const DeletedRows& each : deleted_) {
      const iceberg::DataFile& file = each.file.file();
      if (!paths.insert(file.file_path).second) {
        return Fail(ErrorKind::kInvalidArgument, "rows of file \"{}\" are deleted twice",
                    file.file_path);
      }
      const auto highest = each.positions.highest();
      if (!highest || *highest < file.record_count) continue;
      return Fail(ErrorKind::kInvalidArgument, "row {} of file \"{}\" is beyond its {} rows",
                  *highest, file.file_path, file.record_count);
    }
    return {};
  }

  /// What was deleted by position: in all, and by files that the new deletes take the place of.
  Result<> FindEarlier() {
    iceberg::ScanPlan all{.metadata = base_.metadata};
    iceberg::ScanPlan own{.metadata = base_.metadata};
    for (const DeletedRows& each : deleted_) {
      all.files.push_back(each.file);
      own.files.push_back(each.file);
      if (each.file.deletes == nullptr) continue;
      auto deletes = std::make_shared<iceberg::FileDeletes>(*each.file.deletes);
      std::erase_if(deletes->positions, [&](const DeleteFile& source) {
        return !DeletesOnlyFrom(source.file(), each.file.file().file_path);
      });
      own.files.back().deletes = std::move(deletes);
    }
    TARN_ASSIGN(earlier_, context_.engine->FindDeleted(all));
    if (vectors()) return {};
    TARN_ASSIGN(own_, context_.engine->FindDeleted(own));
    return {};
  }

  Result<> WriteFile(size_t index, DeleteFileWriter& files) {
    const DeletedRows& each = deleted_[index];
    const int64_t earlier = earlier_[index] == nullptr ? 0 : earlier_[index]->cardinality();
    PositionBitmap all = each.positions;
    if (earlier > 0) all.UnionWith(*earlier_[index]);
    const int64_t rows = all.cardinality();
    if (rows == earlier) return {};
    written_.deleted_rows += rows - earlier;
    const bool gone = rows == each.file.file().record_count;
    RemoveAbsorbed(each.file, gone);
    if (gone) {
      written_.removed_data_files.push_back(table::RemovalOf(each.file));
      return {};
    }
    if (!vectors() && earlier > 0) {
      all.Subtract(*earlier_[index]);
      if (own_[index] != nullptr) all.UnionWith(*own_[index]);
    }
    return files.Add(each.file, all);
  }

  void RemoveAbsorbed(const iceberg::ScanFile& file, bool gone) {
    if (file.deletes == nullptr) return;
    // That of a removed file goes with it.
    if (file.deletes->vector && !gone) {
      written_.removed_delete_files.push_back(RemovalOf(*file.deletes->vector, file.spec_id));
    }
    for (const DeleteFile& source : file.deletes->positions) {
      if (!DeletesOnlyFrom(source.file(), file.file().file_path)) continue;
      written_.removed_delete_files.push_back(RemovalOf(source, file.spec_id));
    }
  }

  /// One manifest for each partition spec.
  Result<> Describe(int32_t ordinal) {
    std::map<iceberg::SpecId, std::vector<iceberg::DataFile>> by_spec;
    std::set<std::string> paths;
    for (const iceberg::AddedDelete& added : written_.added) {
      by_spec[added.partition_spec_id].push_back(added.file);
      paths.insert(added.file.file_path);  // vectors share them
    }
    written_.written_files.assign(paths.begin(), paths.end());
    for (auto& [spec, files] : by_spec) {
      TARN_ASSIGN(iceberg::ManifestFile manifest,
                  iceberg::WriteManifestOf(MakeCommitContext(context_, writer_.id), *base_.metadata,
                                           base_.metadata->current_schema(),
                                           {.files = std::move(files), .partition_spec_id = spec},
                                           snapshot_id_, ordinal++));
      written_.written_files.push_back(manifest.manifest_path);
      written_.manifests.push_back(std::move(manifest));
    }
    written_.next_ordinal = std::max(written_.next_ordinal, ordinal);
    return {};
  }

  const TableContext& context_;
  const Writer& writer_;
  const iceberg::LoadedTable& base_;
  const iceberg::SnapshotId snapshot_id_;
  const std::vector<DeletedRows>& deleted_;
  std::vector<PositionsPtr> earlier_;
  std::vector<PositionsPtr> own_;  ///< version 2: of files that are absorbed
  WrittenDeletes written_;
};

template <typename T>
void MoveBehind(std::vector<T>& from, std::vector<T>& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

iceberg::RemovedFile RemovalOf(const iceberg::ScanFile& file) {
  return {.file = file.file(),
          .partition_spec_id = file.spec_id,
          .data_sequence_number = file.entry->sequence_number.value_or(iceberg::SequenceNumber()),
          .manifest_path = {}};
}

Result<WrittenDeletes> WriteDeletes(const TableContext& context, const Writer& writer,
                                    const iceberg::LoadedTable& base,
                                    iceberg::SnapshotId snapshot_id,
                                    std::vector<DeletedRows> deleted, int32_t first_ordinal) {
  return DeltaWriter(context, writer, base, snapshot_id, deleted).Run(first_ordinal);
}

void AddDeletes(WrittenDeletes written, iceberg::ChangeSet& changes) {
  if (!changes.read_snapshot) changes.read_snapshot = written.read_snapshot;
  MoveBehind(written.manifests, changes.appended_manifests);
  MoveBehind(written.added, changes.added_deletes);
  MoveBehind(written.removed_delete_files, changes.removed_delete_files);
  MoveBehind(written.removed_data_files, changes.removed_data_files);
}

Result<> AddDataFiles(const TableContext& context, const Writer& writer,
                      const iceberg::LoadedTable& base, iceberg::SnapshotId snapshot_id,
                      iceberg::NewFiles files, int32_t manifest_ordinal,
                      iceberg::ChangeSet& changes) {
  if (files.files.empty()) return {};
  for (const iceberg::DataFile& file : files.files) {
    changes.appended_files += 1;
    changes.appended_rows += file.record_count;
    changes.appended_bytes += file.file_size_bytes;
  }
  TARN_ASSIGN(iceberg::ManifestFile manifest,
              iceberg::WriteManifestOf(MakeCommitContext(context, writer.id), *base.metadata,
                                       base.metadata->current_schema(), std::move(files),
                                       snapshot_id, manifest_ordinal));
  changes.appended_manifests.push_back(std::move(manifest));
  return {};
}

}  // namespace tarn::table
