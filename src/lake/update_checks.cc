// SPDX-License-Identifier: Apache-2.0
#include "lake/update_checks.h"

#include <algorithm>
#include <variant>

#include "iceberg/plan/snapshot_difference.h"
#include "lake/column_following.h"
#include "lake/unpartitioned_spec.h"

namespace tarn::lake {
namespace {

using iceberg::MetadataUpdate;
using iceberg::TableMetadata;

std::unexpected<Error> Refuse(std::string message, std::string hint) {
  return std::unexpected(Error{ErrorKind::kUnsupported, std::move(message), {}, std::move(hint)});
}

Result<> CheckUpdate(const TableMetadata& base, const MetadataUpdate& update) {
  if (const auto* set = std::get_if<iceberg::SetLocation>(&update)) {
    std::string_view location = set->location;
    while (location.ends_with('/')) location.remove_suffix(1);
    if (location == base.location) return {};
    return Refuse(
        fmt::format("the location of a lake table cannot be changed to \"{}\"", set->location),
        "Make another table, and INSERT INTO it what this one has.");
  }
  if (const auto* assign = std::get_if<iceberg::AssignUuid>(&update)) {
    if (assign->uuid == base.table_uuid) return {};
    return Refuse("the UUID of a lake table cannot be changed",
                  "PostgreSQL knows the table's files by it.");
  }
  if (std::holds_alternative<iceberg::AddEncryptionKey>(update)) {
    return Refuse("encrypted files of lake tables are not supported",
                  "Write the table without encryption.");
  }
  return {};
}

/// What is kept of a reference beside its snapshot is a matter of the table's definition.
bool KeepsRetention(const TableMetadata& base, const iceberg::SetSnapshotRef& set) {
  const auto known = base.refs.find(set.name);
  const iceberg::SnapshotRef before =
      known == base.refs.end() ? iceberg::SnapshotRef() : known->second;
  return before.min_snapshots_to_keep == set.ref.min_snapshots_to_keep &&
         before.max_snapshot_age_ms == set.ref.max_snapshot_age_ms &&
         before.max_ref_age_ms == set.ref.max_ref_age_ms;
}

/// Of a table that had both: what a comparison looks into.
std::shared_ptr<const TableMetadata> WithSnapshotsOf(const TableMetadata& base,
                                                     const TableMetadata& next) {
  auto both = std::make_shared<TableMetadata>(next);
  for (const iceberg::CommittedSnapshot& snapshot : base.snapshots) {
    if (both->FindSnapshot(snapshot->id) == nullptr) both->snapshots.push_back(snapshot);
  }
  return both;
}

}  // namespace

Result<> CheckUpdates(const TableMetadata& base, std::span<const MetadataUpdate> updates) {
  for (const MetadataUpdate& update : updates) TARN_TRY(CheckUpdate(base, update));
  return {};
}

Result<> CheckDefinitions(const TableMetadata& base, const TableMetadata& next) {
  TARN_TRY(CheckColumnsCanFollow(base.current_schema(), next.current_schema()));
  if (FindUnpartitionedSpec(next) != nullptr) return {};
  return Refuse("a lake table needs a partition spec without fields",
                "PostgreSQL writes its files under it, whatever the default spec is.");
}

bool IsOnlyRows(const TableMetadata& base, std::span<const MetadataUpdate> updates) {
  std::optional<iceberg::SnapshotId> added;
  bool set_main = false;
  for (const MetadataUpdate& update : updates) {
    if (const auto* add = std::get_if<iceberg::AddSnapshot>(&update)) {
      added = add->snapshot.id;
      set_main = false;
      continue;
    }
    const auto* set = std::get_if<iceberg::SetSnapshotRef>(&update);
    if (set == nullptr || set->name != iceberg::kMainBranch || set->ref.snapshot_id != added ||
        !KeepsRetention(base, *set)) {
      return false;
    }
    set_main = true;
  }
  return set_main || updates.empty();
}

Result<RowsDelta> CompareRows(const iceberg::CommitContext& context, const TableMetadata& base,
                              const TableMetadata& next) {
  if (base.current_snapshot_id == next.current_snapshot_id) return RowsDelta{};
  const auto both = WithSnapshotsOf(base, next);
  const bool emptied = !next.current_snapshot_id;
  const auto from = emptied ? std::nullopt : base.current_snapshot_id;
  const iceberg::SnapshotId to = emptied ? *base.current_snapshot_id : *next.current_snapshot_id;
  TARN_ASSIGN(const iceberg::SnapshotDifference difference,
              iceberg::CompareSnapshots(context, both, from, to));
  RowsDelta delta;
  for (const iceberg::FileDifference& file : difference.files) {
    delta.removes |= file.before.has_value();
    // Deletes that went bring rows back.
    delta.adds |= file.after && (!file.before || file.before->deletes != nullptr);
  }
  delta.removes |= difference.equality_before.size() != difference.equality_after.size();
  if (emptied) std::swap(delta.adds, delta.removes);
  return delta;
}

}  // namespace tarn::lake
