// SPDX-License-Identifier: Apache-2.0
#include "table/row_changes.h"

#include <algorithm>
#include <utility>

#include "iceberg/plan/snapshot_difference.h"

namespace tarn::table {
namespace {

using PositionsPtr = std::shared_ptr<const iceberg::PositionBitmap>;

/// One state of the files that differ, and which of their rows are deleted in it.
class State {
 public:
  State(const iceberg::SnapshotDifference& difference,
        std::optional<iceberg::ScanFile> iceberg::FileDifference::* side,
        std::vector<iceberg::EqualityDelete> equality) {
    plan_.metadata = difference.metadata;
    plan_.equality_deletes = std::move(equality);
    for (const iceberg::FileDifference& file : difference.files) {
      if (file.*side) plan_.files.push_back(*(file.*side));
    }
  }

  Result<> FindDeleted(engine::Engine& engine) {
    TARN_ASSIGN(deleted_, engine.FindDeleted(plan_));
    return {};
  }

  /// Of the files of this state, in their order.
  PositionsPtr NextDeleted() { return deleted_[next_++]; }

 private:
  iceberg::ScanPlan plan_;
  std::vector<PositionsPtr> deleted_;
  size_t next_ = 0;
};

/// Those of `positions` that are not in `others`; null if there are none.
PositionsPtr Without(const PositionsPtr& positions, const PositionsPtr& others) {
  if (positions == nullptr || others == nullptr) return positions;
  auto rest = std::make_shared<iceberg::PositionBitmap>(*positions);
  rest->Subtract(*others);
  return rest->empty() ? nullptr : rest;
}

/// Those after `from` up to `to`, the newest first.
Result<std::vector<const iceberg::Snapshot*>> SnapshotsBetween(
    const iceberg::TableMetadata& metadata, std::optional<iceberg::SnapshotId> from,
    iceberg::SnapshotId to) {
  std::vector<const iceberg::Snapshot*> snapshots;
  std::optional<iceberg::SnapshotId> at = to;
  while (at != from) {
    const iceberg::Snapshot* const snapshot = at ? metadata.FindSnapshot(*at) : nullptr;
    if (snapshot == nullptr || snapshots.size() > metadata.snapshots.size()) {
      return Fail(
          ErrorKind::kNotFound,
          "the history of table \"{}\" between snapshots {} and {} is not complete any more",
          metadata.location, from ? from->value() : 0, to.value());
    }
    snapshots.push_back(snapshot);
    at = snapshot->parent_id;
  }
  return snapshots;
}

}  // namespace

namespace {

Result<engine::DifferenceRequest> Differing(const TableContext& context,
                                            RowChangesRequest request) {
  TARN_ASSIGN(const iceberg::SnapshotDifference difference,
              iceberg::CompareSnapshots(MakeCommitContext(context, Uuid()), request.table.metadata,
                                        request.from, request.to));
  State before(difference, &iceberg::FileDifference::before, difference.equality_before);
  State after(difference, &iceberg::FileDifference::after, difference.equality_after);
  TARN_TRY(before.FindDeleted(*context.engine));
  TARN_TRY(after.FindDeleted(*context.engine));

  engine::DifferenceRequest rows{.metadata = difference.metadata,
                                 .columns = std::move(request.columns),
                                 .filter = std::move(request.filter)};
  for (const iceberg::FileDifference& file : difference.files) {
    const PositionsPtr deleted_before = file.before ? before.NextDeleted() : nullptr;
    const PositionsPtr deleted_after = file.after ? after.NextDeleted() : nullptr;
    if (!file.after) {
      rows.before.push_back({.file = *file.before, .except = deleted_before});
    } else if (!file.before) {
      rows.after.push_back({.file = *file.after, .except = deleted_after});
    } else {
      // The same rows, of which some were deleted, or came back where a state is older.
      if (PositionsPtr gone = Without(deleted_after, deleted_before)) {
        rows.before.push_back({.file = *file.before, .only = std::move(gone)});
      }
      if (PositionsPtr back = Without(deleted_before, deleted_after)) {
        rows.after.push_back({.file = *file.after, .only = std::move(back)});
      }
    }
  }
  if (request.only_columns) return rows;
  const iceberg::Snapshot* to = difference.metadata->FindSnapshot(request.to);
  const iceberg::Schema* schema =
      to->schema_id ? difference.metadata->FindSchema(*to->schema_id) : nullptr;
  if (schema == nullptr) schema = &difference.metadata->current_schema();
  for (const Field& field : schema->fields) {
    rows.compared.push_back({.field = field, .default_value = {}});
  }
  return rows;
}

}  // namespace

Result<engine::QueryDifference> PlanRowChanges(const TableContext& context,
                                               RowChangesRequest request) {
  TARN_ASSIGN(engine::DifferenceRequest rows, Differing(context, std::move(request)));
  return engine::QueryDifference{.rows = std::move(rows)};
}

Result<std::unique_ptr<engine::RowStream>> OpenRowChanges(const TableContext& context,
                                                          RowChangesRequest request) {
  TARN_ASSIGN(engine::DifferenceRequest rows, Differing(context, std::move(request)));
  return context.engine->OpenDifference(std::move(rows));
}

Result<engine::QueryDifference> PlanAppendedRows(const TableContext& context,
                                                 RowChangesRequest request, AppendedRows which) {
  const auto& metadata = request.table.metadata;
  TARN_ASSIGN(const std::vector<const iceberg::Snapshot*> snapshots,
              SnapshotsBetween(*metadata, request.from, request.to));
  engine::QueryDifference appended{.rows = {.metadata = metadata,
                                            .columns = std::move(request.columns),
                                            .filter = std::move(request.filter)},
                                   .new_rows_only = which == AppendedRows::kNewRows};
  for (const iceberg::Snapshot* snapshot : snapshots) {
    if (snapshot->operation == iceberg::SnapshotOperation::kReplace) continue;
    const bool mixed = snapshot->operation != iceberg::SnapshotOperation::kAppend;
    TARN_ASSIGN(const auto lines, context.manifests->SnapshotManifests(*snapshot));
    for (const iceberg::ManifestFile& line : *lines) {
      if (line.content != iceberg::ManifestContent::kData) continue;
      if (line.added_snapshot_id != snapshot->id) continue;
      TARN_ASSIGN(const auto manifest, context.manifests->ReadManifest(line));
      for (const iceberg::ManifestEntry& entry : manifest->entries) {
        if (entry.status != iceberg::EntryStatus::kAdded) continue;
        if (appended.new_rows_only && mixed && !entry.data_file.first_row_id) {
          return Fail(ErrorKind::kUnsupported,
                      "rows that were inserted cannot be told from changed ones in snapshot {} of "
                      "table \"{}\", which has no row ids",
                      snapshot->id.value(), metadata->location);
        }
        appended.rows.after.push_back(
            {.file = {.manifest = manifest, .entry = &entry, .spec_id = line.partition_spec_id}});
      }
    }
  }
  return appended;
}

}  // namespace tarn::table
