// SPDX-License-Identifier: Apache-2.0
// Step 3 of the commit, under the pointers' locks: manifest lists and metadata files.
#include "lake/transaction.h"

namespace tarn::lake {

Result<CommitOk> LakeTransaction::Commit(const lake::Commit& message) {
  if (error_) return std::unexpected(*error_);
  CommitOk answer;
  std::vector<ExpiredFiles> expired;
  for (const CommitTable& table : message.tables) {
    auto committed = CommitOne(table, expired);
    if (!committed) {
      files_unknown_ = true;
      return std::unexpected(committed.error());
    }
    answer.tables.push_back(std::move(*committed));
  }
  // Known before PostgreSQL can commit, so that they are found whatever dies.
  TARN_TRY(lake_.journal->AddExpired(key_, std::move(expired)));
  return answer;
}

Result<CommittedTable> LakeTransaction::CommitOne(const CommitTable& message,
                                                  std::vector<ExpiredFiles>& expired) {
  TARN_TRY(request_.Check());
  const auto found = prepared_.find(message.table_oid);
  if (found == prepared_.end()) return LostWithEngine();
  const PreparedWrite& write = found->second;
  iceberg::LoadedTable base = write.base;
  if (message.base_metadata_location != write.base_metadata_location) {
    if (write.needs_base || write.place.create) {
      return Fail(ErrorKind::kConflict, "table {} was changed since its rows were rewritten",
                  message.table_oid);
    }
    TARN_ASSIGN(base, lake_.tables->Load(message.base_metadata_location));
  }
  TARN_ASSIGN(iceberg::PreparedTable prepared,
              iceberg::PrepareCommit(MakeCommitContext(lake_, key_.uuid), base, write.changes,
                                     write.snapshot_id, lake_.policy));
  metadata_files_.insert(metadata_files_.end(), prepared.written_files.begin(),
                         prepared.written_files.end());
  used_files_.insert(write.data_files.begin(), write.data_files.end());
  tables_[message.table_oid].committed = true;
  lake_.tables->Add(prepared.table);
  if (!prepared.expired_manifest_lists.empty() || !prepared.expired_metadata_files.empty()) {
    expired.push_back({.location = write.location,
                       .metadata_location = prepared.table.metadata_location,
                       .manifest_lists = std::move(prepared.expired_manifest_lists),
                       .metadata_files = std::move(prepared.expired_metadata_files)});
  }
  return CommittedTable{.table_oid = message.table_oid,
                        .location = write.location,
                        .metadata_location = prepared.table.metadata_location};
}

}  // namespace tarn::lake
