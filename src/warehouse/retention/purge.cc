// SPDX-License-Identifier: Apache-2.0
#include "warehouse/retention/purge.h"

#include <algorithm>

#include "base/location_text.h"
#include "table/garbage.h"
#include "warehouse/catalogue/drop.h"
#include "warehouse/metastore/stored_value.h"
#include "warehouse/metastore/table_publisher.h"

namespace tarn::warehouse {
namespace {

/// Owner::holder of tables of the warehouse.
constexpr const char* kHolder = "warehouse";

bool Meet(std::string_view one, std::string_view other) {
  return IsWithinLocation(one, other) || IsWithinLocation(other, one);
}

/// Places of tables that are not among `purged`, dropped ones included.
Result<std::vector<std::string>> OtherPlaces(const Snapshot& snapshot,
                                             const std::vector<PurgedTable>& purged) {
  TARN_ASSIGN(Rows rows, Select(snapshot.connection(), "SELECT id, location FROM table_pointer"));
  std::vector<std::string> places;
  for (;;) {
    TARN_ASSIGN(const bool more, rows.Next());
    if (!more) return places;
    const ObjectId id(rows.Int(0));
    if (std::ranges::find(purged, id, &PurgedTable::id) != purged.end()) continue;
    std::string place = CanonicalLocation(rows.Text(1));
    if (!place.empty()) places.push_back(std::move(place));
  }
}

/// What of `purged` has files that go with it.
Result<std::vector<table::DroppedLocation>> FilesToGo(const Snapshot& snapshot,
                                                      const std::vector<PurgedTable>& purged) {
  std::vector<table::DroppedLocation> going;
  TARN_ASSIGN(const auto others, OtherPlaces(snapshot, purged));
  for (const PurgedTable& table : purged) {
    if (!table.managed || table.location.empty() || table.metadata_location.empty()) continue;
    const std::string place = CanonicalLocation(table.location);
    const bool shared =
        std::ranges::any_of(others, [&](const std::string& other) { return Meet(place, other); });
    if (shared) continue;
    std::string location = table.location;
    while (location.ends_with('/')) location.pop_back();
    going.push_back({.location = std::move(location),
                     .metadata_location = table.metadata_location,
                     .table_uuid = table.table_uuid,
                     .holder = kHolder});
  }
  return going;
}

/// Under a writer that is journalled before: committed, its files go, whatever becomes of the
/// process.
StatementResult<> Erase(Account& account, const table::Writer& writer) {
  std::vector<table::DroppedLocation> going;
  {
    STATEMENT_ASSIGN(const auto snapshot, account.metastore().Read());
    STATEMENT_ASSIGN(const bool any, HasToPurge(*snapshot));
    if (!any) return {};
    STATEMENT_ASSIGN(const auto tables, TablesToPurge(*snapshot));
    STATEMENT_ASSIGN(going, FilesToGo(*snapshot, tables));
  }
  const auto erase = [&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_ASSIGN(const auto tables, TablesToPurge(transaction));
    STATEMENT_ASSIGN(const auto now, FilesToGo(transaction, tables));
    if (now != going) {
      // Somebody undropped one, or took its place, or dropped another: the next call sees it.
      return std::unexpected(AsStatementError(
          Error{ErrorKind::kConflict, "what was to be purged has changed", {}, {}}));
    }
    STATEMENT_TRY(PurgeDropped(transaction));
    return {};
  };
  if (going.empty()) return account.metastore().Commit(erase);
  table::Journal& journal = *account.tables().journal;
  STATEMENT_TRY(journal.AddDropped(writer, going));
  STATEMENT_TRY(CommitAsWriter(account.metastore(), writer.id, erase));
  journal.Commit(writer.id, account.clock().NowMs());
  return {};
}

}  // namespace

Result<> PurgeDroppedObjects(Account& account, const table::MayGoOn& may_go_on) {
  const table::Writer writer = account.writers().Begin();
  const StatementResult<> erased = Erase(account, writer);
  const bool unknown = !erased && erased.error().error.kind == ErrorKind::kCommitStateUnknown;
  if (!unknown) account.writers().End(writer.id);
  account.SettleWriters();
  // Readers of sessions are known (IsBeyondReaders), those of other engines say so by pins: no age
  // makes it any safer.
  TARN_TRY(table::CollectGarbage(account.tables(), account.writers(), {}, may_go_on, nullptr,
                                 table::DroppedFiles::kBelowLocation));
  if (!erased && erased.error().error.kind != ErrorKind::kConflict) {
    return std::unexpected(erased.error().error);
  }
  return {};
}

StatementResult<> RefuseDyingPlace(const table::Journal& journal, std::string_view location) {
  const std::string place = CanonicalLocation(location);
  const auto is_here = [&](const table::DroppedLocation& dropped) {
    return Meet(place, CanonicalLocation(dropped.location));
  };
  bool dying = false;
  for (const table::JournalEntry& entry : journal.Entries()) {
    dying = dying || std::ranges::any_of(entry.dropped, is_here);
  }
  for (const auto& batch : journal.Garbage()) {
    dying = dying || std::ranges::any_of(batch->dropped, is_here);
  }
  if (!dying) return {};
  return std::unexpected(AsStatementError(
      Error{ErrorKind::kConflict,
            fmt::format("files of a dropped table are being deleted at \"{}\"", location),
            {},
            "Choose another location, or try again later."}));
}

}  // namespace tarn::warehouse
