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

ToldFates::ToldFates(const SessionRegistry& registry, const ResolveTransactions& message)
    : registry_(registry) {
  for (const ResolveTransactions::Verdict& verdict : message.verdicts) {
    verdicts_[verdict.transaction] = verdict.outcome;
  }
}

ToldFates::ToldFates(const SessionRegistry& registry, uint64_t horizon_xid)
    : registry_(registry), horizon_xid_(horizon_xid) {}

Result<std::vector<table::WriterFate>> ToldFates::FatesOf(std::span<const table::Writer> writers) {
  std::vector<table::WriterFate> fates;
  fates.reserve(writers.size());
  for (const table::Writer& writer : writers) {
    const auto told = verdicts_.find(writer.id);
    if (told == verdicts_.end() || told->second == Outcome::kPrepared ||
        registry_.IsConnected(writer.id)) {
      fates.push_back(table::WriterFate::kRunning);
    } else {
      fates.push_back(told->second == Outcome::kCommitted ? table::WriterFate::kCommitted
                                                          : table::WriterFate::kAborted);
    }
  }
  return fates;
}

Result<bool> ToldFates::IsBeyondReaders(const table::Writer& writer) {
  TARN_ASSIGN(const TransactionKey key, KeyOf(writer));
  return key.full_xid < horizon_xid_;
}

}  // namespace tarn::lake
