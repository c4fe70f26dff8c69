// SPDX-License-Identifier: Apache-2.0
#include "lake/transaction.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/clock.h"
#include "base/logging.h"
#include "table/file_removal.h"

namespace tarn::lake {

void LakeTransaction::Keep(const Result<>& result) {
  if (!result && !error_) error_ = result.error();
}

void LakeTransaction::BeginWrite(lake::BeginWrite message) {
  if (error_) return;
  std::unique_ptr<WriteBuffer>& buffer = storages_[message.storage];
  if (buffer == nullptr) {
    buffer = std::make_unique<WriteBuffer>(
        *lake_.engine, lake_.limits, *lake_.memory,
        [this, place = message.place] { return NewDataFileLocation(place); });
  }
  Keep(buffer->SetFields(std::move(message.fields)));
}

void LakeTransaction::Append(const lake::Append& message,
                             std::shared_ptr<const std::vector<uint8_t>> owner,
                             std::span<const uint8_t> batch) {
  if (!error_) Keep(DoAppend(message, std::move(owner), batch));
}

Result<> LakeTransaction::DoAppend(const lake::Append& message,
                                   std::shared_ptr<const std::vector<uint8_t>> owner,
                                   std::span<const uint8_t> batch) {
  const auto found = storages_.find(message.storage);
  if (found == storages_.end()) return LostWithEngine();
  TARN_TRY(found->second->Append(message.first_ordinal, std::move(owner), batch));
  return LimitMemory(*found->second);
}

Result<> LakeTransaction::LimitMemory(const WriteBuffer& grown) {
  int64_t total = 0;
  WriteBuffer* largest = nullptr;
  for (const auto& [storage, buffer] : storages_) {
    total += buffer->memory_bytes();
    if (largest == nullptr || buffer->memory_bytes() > largest->memory_bytes()) {
      largest = buffer.get();
    }
  }
  // Where the process's budget is used up, whoever wants more gives up what is its own.
  const bool crowded =
      grown.is_crowded() && largest->memory_bytes() >= lake_.limits.min_early_file_bytes;
  return crowded || total > lake_.limits.session_buffer_bytes ? largest->FlushToFile() : Result<>();
}

void LakeTransaction::DiscardWrites(uint64_t storage) {
  // Its early files are not used by any commit, so Finish removes them.
  storages_.erase(storage);
}

Result<engine::PendingRows> LakeTransaction::RowsForScan(uint64_t storage,
                                                         const std::vector<RowRange>& visible) {
  if (error_) return std::unexpected(*error_);
  const auto found = storages_.find(storage);
  if (found == storages_.end()) return LostWithEngine();
  auto rows = found->second->RowsForScan(visible);
  // A file that could not be written has lost rows for good.
  if (!rows) error_ = rows.error();
  return rows;
}

table::Owner LakeTransaction::OwnerOf(const TablePlace& place) const {
  return {.table_uuid = place.table_uuid,
          .node = lake_.journal->node(),
          .holder = HolderOf(key_.database_oid),
          .writer = key_.uuid,
          .about = AboutPeer(peer_)};
}

Result<std::string> LakeTransaction::Locate(const TablePlace& place) {
  Table& table = tables_[place.table_oid];
  if (!table.location.empty()) return table.location;
  table.place = place;
  const table::Owner owner = OwnerOf(place);
  if (place.create) {
    TARN_ASSIGN(table.location, table::ClaimLocation(*lake_.storage, place.location, owner,
                                                     [this](const std::string& tried) {
                                                       return lake_.journal->AddLocation(
                                                           writer_, tried, true);
                                                     }));
    return table.location;
  }
  TARN_TRY(table::CheckOwner(*lake_.storage, place.location, owner));
  TARN_TRY(lake_.journal->AddLocation(writer_, place.location, false));
  table.location = place.location;
  return table.location;
}

Result<std::string> LakeTransaction::NewDataFileLocation(const TablePlace& place) {
  TARN_ASSIGN(const std::string location, Locate(place));
  std::string file =
      fmt::format("{}/data/{}-{:05}.parquet", location, key_.uuid.ToString(), next_file_++);
  data_files_.push_back(file);
  return file;
}

void LakeTransaction::Finish(Outcome outcome, uint64_t commit_lsn) {
  storages_.clear();
  prepared_files_.reset();
  // A rewrite that was given up: its transaction, which did nothing else, goes on without it.
  const bool given_up = rewrite_ && std::ranges::none_of(tables_, [](const auto& table) {
                          return table.second.committed;
                        });
  NoteEnd(outcome != Outcome::kAborted && !given_up);
  const Result<> removed = outcome == Outcome::kAborted || given_up ? RemoveAll() : RemoveUnused();
  if (!removed) {
    spdlog::warn("transaction {}: {}", key_.uuid.ToString(), removed.error().message);
  }
  if (outcome == Outcome::kPrepared && removed) lake_.journal->MarkTidy(key_.uuid);
  if (outcome == Outcome::kCommitted) {
    // In this order: a commit that was told needs no verdict.
    lake_.fates->Committed(key_.uuid, commit_lsn);
    // Otherwise its superfluous files are looked for when the commit is proven.
    if (removed) lake_.journal->Commit(key_.uuid, NowMs());
  }
  // What could not be removed is found again through the journal.
  if (outcome == Outcome::kAborted && removed) {
    const auto forgotten = lake_.journal->Forget(key_.uuid);
    if (!forgotten) spdlog::warn("journal: {}", forgotten.error().message);
  }
}

Result<> LakeTransaction::RemoveAll() {
  std::vector<std::string> files = metadata_files_;
  files.insert(files.end(), data_files_.begin(), data_files_.end());
  const auto entry = lake_.journal->Find(key_.uuid);
  if (entry && files_unknown_) {
    for (const table::JournalledLocation& journalled : entry->locations) {
      TARN_ASSIGN(const auto found,
                  table::FindFilesOfWriter(*lake_.storage, journalled.location, key_.uuid));
      files.insert(files.end(), found.begin(), found.end());
    }
  }
  TARN_TRY(table::RemoveFiles(*lake_.storage, std::move(files)));
  if (!entry) return {};
  for (const table::JournalledLocation& journalled : entry->locations) {
    if (!journalled.create) continue;
    TARN_TRY(table::ReleaseLocation(*lake_.storage, journalled.location, key_.uuid));
  }
  return {};
}

/// After a commit: files of rolled-back subtransactions, and claims of tables that did not last.
Result<> LakeTransaction::RemoveUnused() {
  std::vector<std::string> files(update_files_.begin(), update_files_.end());
  std::ranges::copy_if(data_files_, std::back_inserter(files),
                       [this](const std::string& file) { return !used_files_.contains(file); });
  TARN_TRY(table::RemoveFiles(*lake_.storage, std::move(files)));
  for (const auto& [oid, table] : tables_) {
    if (!table.place.create || table.committed || table.location.empty()) continue;
    TARN_TRY(table::ReleaseLocation(*lake_.storage, table.location, key_.uuid));
  }
  return {};
}

}  // namespace tarn::lake
