// SPDX-License-Identifier: Apache-2.0
#include "table/maintenance/maintenance_commit.h"

#include "base/clock.h"
#include "base/logging.h"
#include "table/file_removal.h"
#include "table/garbage.h"
#include "table/journal.h"
#include "table/ownership.h"
#include "table/pins.h"
#include "table/resolution.h"
#include "table/table_cache.h"

namespace tarn::table {
namespace {

std::string NameOf(const catalog::TableName& table) {
  std::string name;
  for (const std::string& part : table.name_space) name += part + ".";
  return name + table.name;
}

Result<iceberg::LoadedTable> LoadNewestOf(const TableContext& context,
                                          catalog::Publisher& publisher,
                                          const catalog::TableName& table) {
  TARN_ASSIGN(const std::vector<std::string> locations, publisher.Newest({&table, 1}));
  if (locations.front().empty()) {
    return Fail(ErrorKind::kNotFound, "table \"{}\" does not exist", NameOf(table));
  }
  return context.tables->Load(locations.front());
}

std::string PinsOf(const Journal& journal) { return "maintain-" + journal.node().ToString() + "-"; }

/// Pins of processes that died with this journal.
Result<> RemoveDeadPins(const MaintenanceTarget& target) {
  TARN_ASSIGN(const iceberg::LoadedTable newest,
              LoadNewestOf(*target.context, *target.publisher, target.table));
  storage::Storage& storage = *target.context->storage;
  const std::string& location = newest.metadata->location;
  TARN_ASSIGN(const std::vector<Pin> pins, ReadPins(storage, location, NowMs()));
  for (const Pin& pin : pins) {
    if (!pin.name.starts_with(PinsOf(*target.context->journal))) continue;
    if (pin.name != MaintenancePin(target)) TARN_TRY(RemovePin(storage, location, pin.name));
  }
  return {};
}

}  // namespace

std::string MaintenancePin(const MaintenanceTarget& target) {
  return PinsOf(*target.context->journal) + target.lease->id().ToString();
}

Result<iceberg::LoadedTable> LoadNewest(const MaintenanceTarget& target) {
  return LoadNewestOf(*target.context, *target.publisher, target.table);
}

Result<MaintenanceWriter> MaintenanceWriter::Begin(const MaintenanceTarget& target,
                                                   const iceberg::LoadedTable& base) {
  const std::string& location = base.metadata->location;
  const auto owner = ReadOwner(*target.context->storage, location);
  if (!owner && owner.error().kind != ErrorKind::kNotFound) return std::unexpected(owner.error());
  MaintenanceWriter writer(target, base, owner ? owner->holder : std::string());
  TARN_TRY(target.context->journal->AddLocation(writer.writer_, location, false));
  return writer;
}

Result<MaintenanceWriter::Committed> MaintenanceWriter::Commit(TableChange change,
                                                               std::vector<std::string> written,
                                                               const CommitOptions& options) {
  Journal& journal = *target_->context->journal;
  Committed committed;
  CommitOptions journalled = options;
  journalled.before_appearing = [&](const TableChange&,
                                    const iceberg::PreparedTable& table) -> Result<> {
    committed.expired_snapshots = static_cast<int64_t>(table.expired_snapshots.size());
    if (table.expired_manifest_lists.empty() && table.expired_metadata_files.empty()) return {};
    return journal.AddExpired(writer_, {{.location = location_,
                                         .metadata_location = table.table.metadata_location,
                                         .manifest_lists = table.expired_manifest_lists,
                                         .metadata_files = table.expired_metadata_files,
                                         .holder = holder_}});
  };
  auto tables =
      CommitTables(*target_->context, *target_->publisher, writer_, {&change, 1}, journalled);
  if (tables) {
    committed.table = std::move(tables->front());
    if (!committed.table.metadata_location.contains(writer_.id.ToString())) {
      // In the end there was nothing to do, whatever an attempt before intended.
      committed.expired_snapshots = 0;
      Abandon();
      return committed;
    }
    target_->fates->Tell(writer_.id, WriterFate::kCommitted);
    journal.Commit(writer_.id, NowMs());
    return committed;
  }
  if (tables.error().kind != ErrorKind::kCommitStateUnknown) {
    // What this does not find is found by its name.
    const auto removed = RemoveFiles(*target_->context->storage, std::move(written));
    if (!removed) spdlog::warn("\"{}\": {}", location_, removed.error().message);
    Abandon();
  }
  return std::unexpected(tables.error());
}

void MaintenanceWriter::Abandon() {
  storage::Storage& storage = *target_->context->storage;
  const auto removed = [&]() -> Result<> {
    TARN_ASSIGN(auto files, FindFilesOfWriter(storage, location_, writer_.id));
    TARN_TRY(RemoveFiles(storage, std::move(files)));
    return target_->context->journal->Forget(writer_.id);
  }();
  if (removed) return;
  // The journal keeps it for a later run.
  spdlog::warn("\"{}\": {}", location_, removed.error().message);
  target_->fates->Tell(writer_.id, WriterFate::kAborted);
}

Result<int64_t> CollectLeftovers(const MaintenanceTarget& target, int64_t safe_age_ms,
                                 const MaintenanceRun& run) {
  const MayGoOn may_go_on = [&run] { return run.CheckGoesOn(); };
  TARN_TRY(RemoveDeadPins(target));
  TARN_TRY(SettleWriters(*target.context, *target.fates, may_go_on));
  const SafeAges ages{.files_ms = safe_age_ms, .metadata_ms = safe_age_ms};
  const NewestState newest_at = [&](const std::string& location) -> Result<iceberg::LoadedTable> {
    TARN_ASSIGN(const iceberg::LoadedTable newest, LoadNewest(target));
    if (newest.metadata->location == location) return newest;
    return Fail(ErrorKind::kConflict, "table \"{}\" moved to \"{}\"", location,
                newest.metadata->location);
  };
  TARN_ASSIGN(const GarbageCollected collected,
              CollectGarbage(*target.context, *target.fates, ages, may_go_on, newest_at));
  return collected.files;
}

ProcessFates::Look LookInTable(const TableContext& context, catalog::Publisher& publisher,
                               catalog::TableName table) {
  return
      [&context, &publisher, table = std::move(table)](const Writer& writer) -> Result<WriterFate> {
        const auto entry = context.journal->Find(writer.id);
        if (!entry || entry->locations.empty()) return WriterFate::kUnknown;
        TARN_ASSIGN(const iceberg::LoadedTable newest, LoadNewestOf(context, publisher, table));
        for (const JournalledLocation& place : entry->locations) {
          if (place.location != newest.metadata->location) return WriterFate::kUnknown;
        }
        return FateInHistory(newest, writer);
      };
}

}  // namespace tarn::table
