// SPDX-License-Identifier: Apache-2.0
#include "table/maintenance/rewrite_position_deletes.h"

#include <map>
#include <memory>
#include <set>
#include <utility>

#include "table/delete_file_writer.h"
#include "table/delete_scope.h"

namespace tarn::table {
namespace {

using iceberg::DeleteFile;
using iceberg::ScanFile;

constexpr int32_t kVectorsVersion = 3;

class DeletesRewriter {
 public:
  DeletesRewriter(const TableContext& context, const Writer& writer,
                  const iceberg::LoadedTable& base, const MaintenanceRun& run)
      : context_(context),
        commit_(MakeCommitContext(context, writer.id)),
        writer_(writer),
        base_(base),
        run_(run) {}

  Result<PreparedDeletesRewrite> Run() {
    prepared_.snapshot_id = iceberg::NewSnapshotId(base_.metadata.get());
    if (base_.metadata->current_snapshot() == nullptr) return std::move(prepared_);
    TARN_ASSIGN(iceberg::ScanPlan plan, iceberg::PlanScan(commit_, base_.metadata, {}));
    ChooseFiles(plan);
    TARN_TRY(WriteFiles());
    TARN_TRY(CollectRemoved());
    if (prepared_.rewritten_files == 0) return PreparedDeletesRewrite{};
    prepared_.changes.is_rewrite = true;
    prepared_.changes.read_snapshot = base_.metadata->current_snapshot_id;
    return std::move(prepared_);
  }

 private:
  Result<> CheckCancelled() const {
    if (run_.cancelled == nullptr || !*run_.cancelled) return {};
    return Fail(ErrorKind::kCancelled, "the rewrite of deletes of table \"{}\" was cancelled",
                base_.metadata->location);
  }

  bool vectors() const { return base_.metadata->format_version >= kVectorsVersion; }

  /// Whether the deletes of a file have the form that they should have.
  bool IsTidy(const ScanFile& file) const {
    const auto& positions = file.deletes->positions;
    if (positions.empty()) return true;
    return !vectors() && positions.size() == 1 &&
           DeletesOnlyFrom(positions[0].file(), file.file().file_path);
  }

  void ChooseFiles(iceberg::ScanPlan& plan) {
    chosen_.metadata = plan.metadata;
    for (ScanFile& file : plan.files) {
      if (file.deletes == nullptr) continue;
      if (!IsTidy(file)) {
        chosen_.files.push_back(std::move(file));
        continue;
      }
      if (file.deletes->vector) kept_.insert(DeleteIdentity(file.deletes->vector->file()));
      for (const DeleteFile& deletes : file.deletes->positions) {
        kept_.insert(DeleteIdentity(deletes.file()));
      }
    }
  }

  Result<> WriteFiles() {
    if (chosen_.files.empty()) return {};
    TARN_ASSIGN(const auto deleted, context_.engine->FindDeleted(chosen_));
    TARN_ASSIGN(const auto files, OpenDeleteFileWriter(context_, writer_, *base_.metadata, 0));
    const auto total = static_cast<int64_t>(chosen_.files.size());
    for (size_t i = 0; i < chosen_.files.size(); ++i) {
      TARN_TRY(CheckCancelled());
      if (deleted[i] != nullptr) TARN_TRY(files->Add(chosen_.files[i], *deleted[i]));
      if (run_.on_progress != nullptr) {
        run_.on_progress({.action = "rewriting position deletes",
                          .done = static_cast<int64_t>(i) + 1,
                          .total = total});
      }
    }
    TARN_ASSIGN(prepared_.changes.added_deletes, files->Finish());
    return Describe();
  }

  Result<> Describe() {
    std::map<iceberg::SpecId, std::vector<iceberg::DataFile>> by_spec;
    std::map<std::string, int64_t> sizes;
    for (const iceberg::AddedDelete& added : prepared_.changes.added_deletes) {
      by_spec[added.partition_spec_id].push_back(added.file);
      sizes[added.file.file_path] = added.file.file_size_bytes;
    }
    for (const auto& [path, bytes] : sizes) {
      prepared_.written_files.push_back(path);
      prepared_.added_bytes += bytes;
    }
    prepared_.added_files = static_cast<int64_t>(sizes.size());
    int32_t ordinal = 0;
    for (auto& [spec, files] : by_spec) {
      TARN_ASSIGN(
          iceberg::ManifestFile manifest,
          iceberg::WriteManifestOf(commit_, *base_.metadata, base_.metadata->current_schema(),
                                   {.files = std::move(files), .partition_spec_id = spec},
                                   prepared_.snapshot_id, ordinal++));
      prepared_.written_files.push_back(manifest.manifest_path);
      prepared_.changes.appended_manifests.push_back(std::move(manifest));
    }
    return {};
  }

  /// Of all deletes by position those that nothing keeps: they were rewritten, or reach no file.
  Result<> CollectRemoved() {
    TARN_ASSIGN(const auto lines,
                commit_.cache->SnapshotManifests(*base_.metadata->current_snapshot()));
    std::set<std::string> paths;
    for (const iceberg::ManifestFile& line : *lines) {
      if (line.content != iceberg::ManifestContent::kDeletes) continue;
      TARN_TRY(CheckCancelled());
      TARN_ASSIGN(const auto manifest, commit_.cache->ReadManifest(line));
      for (const iceberg::ManifestEntry& entry : manifest->entries) {
        const iceberg::DataFile& file = entry.data_file;
        if (entry.status == iceberg::EntryStatus::kDeleted ||
            file.content != iceberg::FileContent::kPositionDeletes ||
            kept_.contains(DeleteIdentity(file))) {
          continue;
        }
        prepared_.changes.removed_delete_files.push_back(
            {.file = file,
             .partition_spec_id = line.partition_spec_id,
             .data_sequence_number = entry.sequence_number.value_or(iceberg::SequenceNumber()),
             .manifest_path = line.manifest_path});
        ++prepared_.rewritten_files;
        if (paths.insert(file.file_path).second) {
          prepared_.rewritten_bytes += file.file_size_bytes;
        }
      }
    }
    return {};
  }

  const TableContext& context_;
  const iceberg::CommitContext commit_;
  const Writer& writer_;
  const iceberg::LoadedTable& base_;
  const MaintenanceRun& run_;
  iceberg::ScanPlan chosen_;    ///< files whose deletes are rewritten, without equality deletes
  std::set<std::string> kept_;  ///< identities of deletes
  PreparedDeletesRewrite prepared_;
};

}  // namespace

Result<PreparedDeletesRewrite> PrepareDeletesRewrite(const TableContext& context,
                                                     const Writer& writer,
                                                     const iceberg::LoadedTable& base,
                                                     const MaintenanceRun& run) {
  return DeletesRewriter(context, writer, base, run).Run();
}

}  // namespace tarn::table
