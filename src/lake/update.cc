// SPDX-License-Identifier: Apache-2.0
// Commits of other writers within a transaction (docs/internals/commit-protocol.md).
#include <algorithm>

#include "iceberg/model/table_properties.h"
#include "iceberg/update/metadata_logs.h"
#include "iceberg/update/requirement_json.h"
#include "iceberg/update/table_metadata_builder.h"
#include "iceberg/update/update_json.h"
#include "lake/transaction.h"
#include "lake/update_checks.h"
#include "table/file_removal.h"

namespace tarn::lake {
namespace {

using iceberg::TableMetadata;

std::set<std::string> MetadataFilesOf(const iceberg::LoadedTable& table) {
  std::set<std::string> files{table.metadata_location};
  for (const iceberg::MetadataLogEntry& entry : table.metadata->metadata_log) {
    files.insert(entry.metadata_file);
  }
  return files;
}

/// What `before` reached and `after` does not, as far as it may be deleted.
void AddSuperseded(const iceberg::LoadedTable& before, const iceberg::LoadedTable& after,
                   const iceberg::CommitPolicy& policy, table::ExpiredFiles& expired) {
  const TableMetadata& next = *after.metadata;
  if (!iceberg::BoolProperty(next, "gc.enabled", true)) return;
  for (const iceberg::CommittedSnapshot& snapshot : before.metadata->snapshots) {
    if (next.FindSnapshot(snapshot->id) == nullptr && !snapshot->has_manifest_array()) {
      expired.manifest_lists.push_back(snapshot->manifest_list);
    }
  }
  std::ranges::move(iceberg::StatisticsFilesOnlyIn(*before.metadata, next),
                    std::back_inserter(expired.metadata_files));
  if (!iceberg::BoolProperty(next, "write.metadata.delete-after-commit.enabled",
                             policy.delete_dropped_metadata)) {
    return;
  }
  const std::set<std::string> kept = MetadataFilesOf(after);
  std::ranges::copy_if(MetadataFilesOf(before), std::back_inserter(expired.metadata_files),
                       [&](const std::string& file) { return !kept.contains(file); });
}

UpdatedTable Answer(uint32_t oid, const TableMetadata& before, const iceberg::LoadedTable& after) {
  const TableMetadata& next = *after.metadata;
  return {.table_oid = oid,
          .metadata_location = after.metadata_location,
          .snapshot_id = CurrentSnapshotId(next),
          .sequence_number = next.last_sequence_number.value(),
          .format_version = next.format_version,
          .fields_before = before.current_schema().fields,
          .fields = next.current_schema().fields,
          .last_column_id_before = before.last_column_id.value(),
          .last_column_id = next.last_column_id.value()};
}

}  // namespace

Result<UpdateOk> LakeTransaction::Update(const lake::Update& message) {
  if (error_) return std::unexpected(*error_);
  ++updates_;
  UpdateOk answer;
  const Result<> updated = UpdateTables(message, answer);
  if (updated) return answer;
  // Of those that came before the one that failed.
  std::vector<std::string> written;
  for (const UpdatedTable& table : answer.tables) {
    if (update_files_.erase(table.metadata_location) > 0) {
      written.push_back(table.metadata_location);
    }
  }
  if (!table::RemoveFiles(*lake_.storage, std::move(written))) files_unknown_ = true;
  return std::unexpected(updated.error());
}

Result<> LakeTransaction::UpdateTables(const lake::Update& message, UpdateOk& answer) {
  for (const TableUpdate& update : message.tables) {
    TARN_TRY(request_.Check());
    TARN_ASSIGN(UpdatedTable updated, UpdateOne(update, message));
    answer.tables.push_back(std::move(updated));
  }
  return {};
}

Result<UpdatedTable> LakeTransaction::UpdateOne(const TableUpdate& update,
                                                const lake::Update& message) {
  TARN_ASSIGN(const iceberg::LoadedTable base, lake_.tables->Load(update.base_metadata_location));
  TARN_ASSIGN(const auto requirements,
              iceberg::AsRequest(iceberg::ParseRequirements(update.requirements)));
  TARN_ASSIGN(auto updates, iceberg::AsRequest(iceberg::ParseUpdates(update.updates)));
  TARN_TRY(iceberg::CheckRequirements(base.metadata.get(), requirements));
  TARN_TRY(CheckUpdates(*base.metadata, updates));
  iceberg::CommitContext context = table::MakeCommitContext(lake_, key_.uuid);
  context.attempt = updates_;
  TARN_ASSIGN(
      const iceberg::UpdateResult applied,
      iceberg::ApplyUpdates(base.metadata, base.metadata_location, updates, context.now_ms));
  const bool only_rows = IsOnlyRows(*base.metadata, updates);
  UpdatedTable answer = Answer(update.place.table_oid, *base.metadata, base);
  answer.is_only_rows = only_rows;
  if (!applied.changed) return answer;
  TARN_TRY(CheckDefinitions(*base.metadata, *applied.metadata));
  TARN_TRY(CheckFiles(context, *base.metadata, *applied.metadata,
                      {message.allowed_prefixes, update.not_null}));
  TARN_ASSIGN(const RowsDelta delta, CompareRows(context, *base.metadata, *applied.metadata));

  TARN_ASSIGN(const std::string location, Locate(update.place));
  TARN_ASSIGN(const iceberg::PreparedTable prepared,
              iceberg::PrepareCommit(context, base, {.updates = std::move(updates)},
                                     iceberg::NewSnapshotId(applied.metadata.get()),
                                     table::PolicyFor(lake_, location)));
  metadata_files_.insert(metadata_files_.end(), prepared.written_files.begin(),
                         prepared.written_files.end());
  update_files_.insert(prepared.written_files.begin(), prepared.written_files.end());
  lake_.tables->Add(prepared.table);
  answer = Answer(update.place.table_oid, *base.metadata, prepared.table);
  answer.is_only_rows = only_rows;
  answer.adds_rows = delta.adds;
  answer.removes_rows = delta.removes;
  return answer;
}

/// What the updates dereferenced is journalled only now: what a savepoint took back must not count
/// when the transaction commits. It is compared anew, so that an engine that was restarted since
/// knows it as well.
Result<> LakeTransaction::SettleUpdates(const lake::SettleUpdates& message) {
  if (error_) return std::unexpected(*error_);
  std::vector<std::string> gone;
  for (const SettledTable& table : message.tables) {
    gone.insert(gone.end(), table.discarded.begin(), table.discarded.end());
    for (const std::string& state : table.states) update_files_.erase(state);
    if (table.states.size() > 1) tables_[table.place.table_oid].committed = true;
  }
  gone.insert(gone.end(), update_files_.begin(), update_files_.end());
  update_files_.clear();
  TARN_TRY(table::RemoveFiles(*lake_.storage, std::move(gone)));
  for (const SettledTable& table : message.tables) TARN_TRY(JournalSuperseded(table));
  return {};
}

Result<> LakeTransaction::JournalSuperseded(const SettledTable& table) {
  if (table.states.size() < 2) return {};
  TARN_ASSIGN(const std::string location, Locate(table.place));
  const iceberg::CommitPolicy policy = table::PolicyFor(lake_, location);
  table::ExpiredFiles expired{.location = location,
                              .metadata_location = table.states.back(),
                              .manifest_lists = {},
                              .metadata_files = {},
                              .holder = HolderOf(key_.database_oid)};
  TARN_ASSIGN(iceberg::LoadedTable before, lake_.tables->Load(table.states.front()));
  for (size_t i = 1; i < table.states.size(); ++i) {
    TARN_ASSIGN(iceberg::LoadedTable after, lake_.tables->Load(table.states[i]));
    AddSuperseded(before, after, policy, expired);
    before = std::move(after);
  }
  if (expired.manifest_lists.empty() && expired.metadata_files.empty()) return {};
  return lake_.journal->AddExpired(writer_, {std::move(expired)});
}

}  // namespace tarn::lake
