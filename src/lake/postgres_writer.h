// SPDX-License-Identifier: Apache-2.0
// PostgreSQL's transactions as writers of tables.
#pragma once

#include <cstdint>
#include <map>
#include <string>

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

/// What the launcher told in one message. Whoever it said nothing of, and whoever is connected
/// (whose session learns the end itself), is still running.
class ToldFates final : public table::WriterFates {
 public:
  ToldFates(const SessionRegistry& registry, const ResolveTransactions& message);
  /// Knows which transactions nobody can see any more, and no fates.
  ToldFates(const SessionRegistry& registry, uint64_t horizon_xid);

  Result<std::vector<table::WriterFate>> FatesOf(std::span<const table::Writer> writers) override;
  Result<bool> IsBeyondReaders(const table::Writer& writer) override;

 private:
  const SessionRegistry& registry_;
  std::map<Uuid, Outcome> verdicts_;
  uint64_t horizon_xid_ = 0;
};

}  // namespace tarn::lake
