// SPDX-License-Identifier: Apache-2.0
#include "capture/source/slot.h"

#include <charconv>

#include "capture/source/server_session.h"

namespace tarn::capture {
namespace {

constexpr int kVersion13 = 130'000, kVersion15 = 150'000, kVersion17 = 170'000;

Lsn LsnOf(const std::optional<std::string>& text) {
  return text ? ParseLsn(*text).value_or(Lsn()) : Lsn();
}

template <typename Number>
Number NumberOf(const std::optional<std::string>& text) {
  Number number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

std::string CreateStatement(int version, const std::string& name, bool temporary) {
  const std::string slot = fmt::format("CREATE_REPLICATION_SLOT {}{} LOGICAL pgoutput",
                                       QuotedName(name), temporary ? " TEMPORARY" : "");
  if (version < kVersion15) return slot + " EXPORT_SNAPSHOT";
  const bool lasts = version >= kVersion17 && !temporary;
  return slot + (lasts ? " (SNAPSHOT 'export', FAILOVER true)" : " (SNAPSHOT 'export')");
}

}  // namespace

Result<std::optional<SlotState>> DescribeSlot(SourceConnection& connection,
                                              const std::string& name) {
  const int version = connection.server_version();
  // "conflicting" of version 16 is among the reasons of version 17.
  TARN_ASSIGN(
      const auto rows,
      connection.Run(
          fmt::format(
              "SELECT plugin, database, active, active_pid, confirmed_flush_lsn, restart_lsn, {}, "
              "{}, pg_catalog.pg_wal_lsn_diff(wal.log_end, restart_lsn)::pg_catalog.int8, {},"
              " wal.log_end FROM pg_catalog.pg_replication_slots,"
              " (SELECT CASE WHEN pg_catalog.pg_is_in_recovery()"
              " THEN pg_catalog.pg_last_wal_replay_lsn() ELSE pg_catalog.pg_current_wal_lsn() END"
              " AS log_end) wal WHERE slot_name = $1::pg_catalog.text",
              version >= kVersion13 ? "wal_status" : "'reserved'",
              version >= kVersion17 ? "invalidation_reason" : "NULL::pg_catalog.text",
              version >= kVersion17 ? "synced" : "false"),
          std::vector<std::string>{name}));
  if (rows.empty()) return std::nullopt;
  const SourceRow& row = rows.front();
  SlotState slot;
  slot.plugin = row[0].value_or("");
  slot.database = row[1].value_or("");
  slot.active = row[2] == "t";
  slot.active_pid = NumberOf<int32_t>(row[3]);
  slot.confirmed_flush = LsnOf(row[4]);
  slot.restart = LsnOf(row[5]);
  slot.wal_status = row[6].value_or("");
  slot.invalidation_reason = row[7].value_or("");
  slot.retained_bytes = NumberOf<int64_t>(row[8]);
  slot.synced = row[9] == "t";
  slot.log_end = LsnOf(row[10]);
  return slot;
}

Result<> DropSlot(SourceConnection& connection, const std::string& name) {
  TARN_TRY(connection.Run("SELECT pg_catalog.pg_drop_replication_slot($1::pg_catalog.name)",
                          std::vector<std::string>{name}));
  return {};
}

Result<std::unique_ptr<NewSlot>> NewSlot::Create(const ConnectionSettings& settings,
                                                 const std::string& name, bool temporary) {
  TARN_ASSIGN(PgConnection connection, OpenSession(settings, SessionKind::kReplication));
  const int version = PQserverVersion(connection.get());
  TARN_ASSIGN(const PgResult made,
              RunSimple(connection.get(), CreateStatement(version, name, temporary)));
  // slot_name, consistent_point, snapshot_name, output_plugin
  constexpr int kConsistentPoint = 1, kSnapshot = 2;
  std::unique_ptr<NewSlot> slot(new NewSlot());
  if (PQntuples(made.get()) != 1 || PQnfields(made.get()) <= kSnapshot) {
    return Fail(ErrorKind::kUnavailable, "the source did not say where slot \"{}\" begins", name);
  }
  const auto point = ParseLsn(FieldOf(made, 0, kConsistentPoint));
  if (!point) {
    return Fail(ErrorKind::kUnavailable, "the source did not say where slot \"{}\" begins", name);
  }
  slot->consistent_point_ = *point;
  slot->snapshot_ = FieldOf(made, 0, kSnapshot);
  slot->connection_ = connection.release();
  return slot;
}

NewSlot::~NewSlot() { PQfinish(connection_); }

}  // namespace tarn::capture
