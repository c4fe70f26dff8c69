// SPDX-License-Identifier: Apache-2.0
// Step 3 of the commit, under the pointers' locks: manifest lists and metadata files, those of all
// tables beside each other.
#include "lake/transaction.h"

namespace tarn::lake {
namespace {

/// The state before the base: the base itself is what others read until the commit is published.
void ForgetPredecessor(iceberg::ManifestCache& manifests, const iceberg::TableMetadata& base) {
  const iceberg::Snapshot* head = base.current_snapshot();
  if (head == nullptr || !head->parent_id) return;
  const iceberg::Snapshot* parent = base.FindSnapshot(*head->parent_id);
  if (parent != nullptr) manifests.ForgetSuperseded(parent->manifest_list, head->manifest_list);
}

}  // namespace

std::optional<int64_t> CurrentSnapshotId(const iceberg::TableMetadata& metadata) {
  if (!metadata.current_snapshot_id) return std::nullopt;
  return metadata.current_snapshot_id->value();
}

Result<CommitOk> LakeTransaction::Commit(const lake::Commit& message) {
  if (error_) return std::unexpected(*error_);
  auto answer = CommitTables(message);
  // An engine that died may have prepared the tables, and written files that only the journal tells
  // of.
  if (!answer) files_unknown_ = true;
  return answer;
}

Result<CommitOk> LakeTransaction::CommitTables(const lake::Commit& message) {
  TARN_TRY(request_.Check());
  for (const CommitTable& table : message.tables) TARN_TRY(CheckPrepared(table));

  std::vector<iceberg::PreparedTable> prepared(message.tables.size());
  // One table alone needs no other thread.
  TaskGroup commits(prepared.size() > 1 ? lake_.workers : nullptr);
  for (size_t i = 0; i < prepared.size(); ++i) {
    commits.Add([&, i]() -> Result<> {
      TARN_ASSIGN(prepared[i], CommitOne(message.tables[i]));
      return {};
    });
  }
  Result<> result = commits.Wait();
  // What step 1 wrote has had until now to become durable under its names.
  if (result && prepared_files_ != nullptr) result = prepared_files_->Settle();
  if (!result) {
    if (result.error().kind == ErrorKind::kCommitStateUnknown) {
      result.error().kind = ErrorKind::kUnavailable;
    }
    return std::unexpected(result.error());
  }

  CommitOk answer;
  for (size_t i = 0; i < prepared.size(); ++i) {
    const uint32_t oid = message.tables[i].table_oid;
    const PreparedWrite& write = prepared_.at(oid);
    metadata_files_.insert(metadata_files_.end(), prepared[i].written_files.begin(),
                           prepared[i].written_files.end());
    used_files_.insert(write.data_files.begin(), write.data_files.end());
    tables_[oid].committed = true;
    const iceberg::TableMetadata& metadata = *prepared[i].table.metadata;
    answer.tables.push_back({.table_oid = oid,
                             .location = write.location,
                             .metadata_location = prepared[i].table.metadata_location,
                             .snapshot_id = CurrentSnapshotId(metadata),
                             .sequence_number = metadata.last_sequence_number.value()});
  }
  return answer;
}

Result<> LakeTransaction::CheckPrepared(const CommitTable& message) const {
  const auto found = prepared_.find(message.table_oid);
  if (found == prepared_.end()) return LostWithEngine();
  const PreparedWrite& write = found->second;
  const bool same_base = message.base_metadata_location == write.base_metadata_location;
  if (!same_base && (write.needs_base || write.place.create)) {
    return Fail(ErrorKind::kConflict, "table {} was changed since its rows were rewritten",
                message.table_oid);
  }
  return {};
}

/// Beside the same for other tables: reads the transaction, changes nothing in it.
Result<iceberg::PreparedTable> LakeTransaction::CommitOne(const CommitTable& message) {
  TARN_TRY(request_.Check());
  const PreparedWrite& write = prepared_.at(message.table_oid);
  iceberg::LoadedTable base = write.base;
  if (message.base_metadata_location != write.base_metadata_location) {
    TARN_ASSIGN(base, lake_.tables->Load(message.base_metadata_location));
  }
  TARN_ASSIGN(
      iceberg::PreparedTable prepared,
      iceberg::PrepareCommit(
          table::MakeCommitContext(lake_, key_.uuid), base, write.changes, write.snapshot_id,
          table::PolicyFor(lake_, write.location),
          [&](const iceberg::PreparedTable& table) { return JournalExpired(write, table); }));
  lake_.tables->Add(prepared.table);
  ForgetPredecessor(*lake_.manifests, *base.metadata);
  return prepared;
}

/// Known before PostgreSQL can commit, so that they are found whatever dies; they go only if it
/// does.
Result<> LakeTransaction::JournalExpired(const PreparedWrite& write,
                                         const iceberg::PreparedTable& prepared) {
  if (prepared.expired_manifest_lists.empty() && prepared.expired_metadata_files.empty()) return {};
  return lake_.journal->AddExpired(writer_, {{.location = write.location,
                                              .metadata_location = prepared.table.metadata_location,
                                              .manifest_lists = prepared.expired_manifest_lists,
                                              .metadata_files = prepared.expired_metadata_files,
                                              .holder = HolderOf(key_.database_oid)}});
}

}  // namespace tarn::lake
