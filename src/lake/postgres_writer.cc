// SPDX-License-Identifier: Apache-2.0
#include "lake/postgres_writer.h"

#include <fmt/core.h>

#include <charconv>

namespace tarn::lake {
namespace {

constexpr const char* kIssuer = "postgres";

}  // namespace

table::Writer WriterOf(const TransactionKey& key) {
  return {.id = key.uuid,
          .issuer = kIssuer,
          .token = fmt::format("{}/{}", key.full_xid, key.database_oid)};
}

Result<TransactionKey> KeyOf(const table::Writer& writer) {
  TransactionKey key{.uuid = writer.id};
  const char* const end = writer.token.data() + writer.token.size();
  const auto xid = std::from_chars(writer.token.data(), end, key.full_xid);
  const bool has_database = xid.ec == std::errc() && xid.ptr != end && *xid.ptr == '/';
  const auto database = has_database ? std::from_chars(xid.ptr + 1, end, key.database_oid) : xid;
  if (writer.issuer != kIssuer || !has_database || database.ec != std::errc() ||
      database.ptr != end) {
    return Fail(ErrorKind::kCorruption, "writer {} is no transaction of PostgreSQL: \"{}\" \"{}\"",
                writer.id.ToString(), writer.issuer, writer.token);
  }
  return key;
}

std::string HolderOf(uint32_t database_oid) { return fmt::format("database {}", database_oid); }

std::string AboutPeer(const SessionPeer& peer) {
  return fmt::format("server {}, timeline {}", peer.system_identifier, peer.timeline);
}

void PostgresFates::Committed(const Uuid& transaction, uint64_t commit_lsn) {
  if (commit_lsn == 0) return;
  const std::lock_guard lock(mutex_);
  commit_lsns_[transaction] = commit_lsn;
}

bool PostgresFates::NeedsVerdict(const Uuid& transaction) const {
  const std::lock_guard lock(mutex_);
  return !commit_lsns_.contains(transaction);
}

void PostgresFates::Hear(const Maintain& message) {
  const std::lock_guard lock(mutex_);
  verdicts_.clear();
  for (const Maintain::Verdict& verdict : message.verdicts) {
    verdicts_[verdict.transaction] = verdict.outcome;
  }
  flushed_lsn_ = message.flushed_lsn;
  next_xid_ = message.next_xid;
  horizon_xid_ = message.horizon_xid;
}

std::string_view PostgresFates::issuer() const { return kIssuer; }

/// REQUIRES: the lock.
table::WriterFate PostgresFates::FateOf(const Uuid& transaction) {
  const auto committed = commit_lsns_.find(transaction);
  if (committed != commit_lsns_.end()) {
    if (committed->second > flushed_lsn_) return table::WriterFate::kRunning;
    commit_lsns_.erase(committed);
    return table::WriterFate::kCommitted;
  }
  const auto told = verdicts_.find(transaction);
  if (told == verdicts_.end() || told->second == Outcome::kPrepared ||
      registry_.IsConnected(transaction)) {
    return table::WriterFate::kRunning;
  }
  return told->second == Outcome::kCommitted ? table::WriterFate::kCommitted
                                             : table::WriterFate::kAborted;
}

Result<std::vector<table::WriterFate>> PostgresFates::FatesOf(
    std::span<const table::Writer> writers) {
  const std::lock_guard lock(mutex_);
  std::vector<table::WriterFate> fates;
  fates.reserve(writers.size());
  for (const table::Writer& writer : writers) fates.push_back(FateOf(writer.id));
  return fates;
}

Result<std::string> PostgresFates::ReadersMark() {
  const std::lock_guard lock(mutex_);
  return std::to_string(next_xid_);
}

Result<bool> PostgresFates::IsBeyondReaders(const std::string& mark) {
  uint64_t xid = 0;
  const char* const end = mark.data() + mark.size();
  const auto read = std::from_chars(mark.data(), end, xid);
  if (read.ec != std::errc() || (read.ptr != end && *read.ptr != '/')) {
    return Fail(ErrorKind::kCorruption, "\"{}\" is no transaction id of PostgreSQL", mark);
  }
  // Journals of the first version name the committing transaction itself, as WriterOf does.
  if (read.ptr != end) ++xid;
  const std::lock_guard lock(mutex_);
  return xid <= horizon_xid_;
}

}  // namespace tarn::lake
