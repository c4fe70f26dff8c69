// SPDX-License-Identifier: Apache-2.0
// PostgreSQL's transactions as writers of tables.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lake/lake_context.h"
#include "lake/session_registry.h"
#include "lake/wire.h"
#include "table/writer.h"

namespace tarn::lake {

/// Issuer "postgres", token `<full xid>/<database OID>`.
table::Writer WriterOf(const TransactionKey& key);
/// Corruption for a writer of another issuer, or a token that WriterOf did not make.
Result<TransactionKey> KeyOf(const table::Writer& writer);

/// table::Owner::holder of a database's tables.
std::string HolderOf(uint32_t database_oid);
/// table::Owner::about.
std::string AboutPeer(const SessionPeer& peer);

/// What backends and the launcher told of transactions. Thread-safe.
class PostgresFates final : public table::WriterFates {
 public:
  explicit PostgresFates(const SessionRegistry& registry) : registry_(registry) {}

  /// A backend says that its transaction has committed. Proven when PostgreSQL's log is on disk up
  /// to `commit_lsn` (under synchronous_commit = off it answers before); 0 proves nothing.
  void Committed(const Uuid& transaction, uint64_t commit_lsn);
  /// Whether nobody but the launcher can tell the transaction's end.
  bool NeedsVerdict(const Uuid& transaction) const;
  void Hear(const Maintain& message);

  std::string_view issuer() const override;
  /// Whoever nothing was said of, and whoever is connected (whose session learns the end itself),
  /// is still running.
  Result<std::vector<table::WriterFate>> FatesOf(std::span<const table::Writer> writers) override;
  /// The next transaction id.
  Result<std::string> ReadersMark() override;
  Result<bool> IsBeyondReaders(const std::string& mark) override;

 private:
  table::WriterFate FateOf(const Uuid& transaction);

  const SessionRegistry& registry_;
  mutable std::mutex mutex_;
  std::map<Uuid, uint64_t> commit_lsns_;
  std::map<Uuid, Outcome> verdicts_;
  uint64_t flushed_lsn_ = 0;
  uint64_t next_xid_ = 0;
  uint64_t horizon_xid_ = 0;
};

}  // namespace tarn::lake
