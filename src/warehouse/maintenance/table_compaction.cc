// SPDX-License-Identifier: Apache-2.0
#include "warehouse/maintenance/table_compaction.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "capture/apply/position_property.h"
#include "table/expired_files.h"
#include "table/journal.h"
#include "table/pins.h"
#include "table/table_cache.h"
#include "warehouse/dynamic/defined_table.h"
#include "warehouse/metastore/parameters.h"
#include "warehouse/metastore/table_pointers.h"
#include "warehouse/metastore/table_publisher.h"
#include "warehouse/session/table_locks.h"
#include "warehouse/statements/table_parameters.h"

namespace tarn::warehouse {
namespace {

/// While commits go on, a file is written again when it becomes part of one so many times as large.
constexpr double kGrowth = 4;
constexpr int32_t kFilesLeast = 8, kQuietFilesLeast = 5;
/// Files beyond are left to who asks for it: what is written again by itself is bounded, and so is
/// the time in which a change of rows can overtake it.
constexpr int64_t kCompactedBytesMost = int64_t{64} << 20;
constexpr double kNeverTooLarge = 1e9;
/// Files with so many delete files.
constexpr int32_t kManyDeletes = 10;
constexpr std::chrono::milliseconds kLockTimeout{2'000};
/// After so many defeats nobody else changes rows while it works.
constexpr int32_t kPatience = 3;
/// Of one table in one round; other tables come, too.
constexpr size_t kGroupsMost = 8;
constexpr int64_t kPauseMs = 5'000;
constexpr int32_t kPauseDoublings = 7;
/// Clocks may go back by so much.
constexpr int64_t kClockSlackMs = 5'000;
constexpr table::RetryPolicy kRetry{.retries = 30, .min_wait_ms = 2, .max_wait_ms = 200};

table::RewriteDataFilesOptions OptionsFor(const iceberg::TableMetadata& metadata, bool quiet) {
  table::RewriteDataFilesOptions options{.max_file_size_ratio = kNeverTooLarge,
                                         .min_input_files = quiet ? kQuietFilesLeast : kFilesLeast,
                                         .delete_file_threshold = kManyDeletes,
                                         .max_group_bytes = kCompactedBytesMost,
                                         .min_growth = quiet ? 0 : kGrowth};
  // A smaller size that the table asks for holds.
  if (!metadata.properties.contains("write.target-file-size-bytes")) {
    options.target_file_size_bytes = kCompactedBytesMost;
  }
  return options;
}

/// TRUE is the default.
Result<bool> IsWanted(const Snapshot& snapshot, ObjectId table) {
  TARN_ASSIGN(const auto parameter, FindParameter(snapshot, table, kDataCompactionParameter));
  return !parameter || parameter->value != "false";
}

}  // namespace

/// A table at one moment.
struct TableCompaction::Found {
  ObjectId id;
  catalog::TableName name;
  iceberg::LoadedTable loaded;
  bool quiet = false;
  std::shared_ptr<const void> files_held;
};

Result<> TableCompaction::FindPublished(const Snapshot& snapshot, int64_t began_ms) {
  TARN_ASSIGN(const auto heads,
              snapshot.Heads("WHERE o.dropped_ms IS NULL AND o.id IN (SELECT id FROM table_pointer "
                             "WHERE published_ms >= ?)",
                             published_since_ms_));
  for (const ObjectHead& head : heads) tables_.try_emplace(head.id);
  published_since_ms_ = began_ms - kClockSlackMs;
  return {};
}

Result<std::optional<TableCompaction::Found>> TableCompaction::Find(const Snapshot& snapshot,
                                                                    ObjectId table) const {
  TARN_ASSIGN(const bool alive, snapshot.IsAlive(table));
  TARN_ASSIGN(const auto head, snapshot.FindHead(table));
  TARN_ASSIGN(const auto pointer, FindPointer(snapshot, table));
  if (!alive || !head || !pointer) return std::optional<Found>();
  if (head->kind == ObjectKind::kTable) {
    TARN_ASSIGN(const auto definition, snapshot.Find<Table>(table));
    if (!definition || definition->kind != TableKind::kManaged) return std::optional<Found>();
  }
  TARN_ASSIGN(const bool wanted, IsWanted(snapshot, table));
  TARN_ASSIGN(const auto schema, snapshot.FindHead(head->container));
  TARN_ASSIGN(const auto database,
              snapshot.FindHead(schema ? schema->container : ObjectId(kAccountId)));
  if (!wanted || !schema || !database) return std::optional<Found>();
  Found found{.id = table,
              .name = {{database->name, schema->name}, head->name},
              .loaded = {},
              .quiet = account_.clock().NowMs() - pointer->published_ms >= kQuietMs,
              .files_held = nullptr};
  TARN_ASSIGN(found.loaded, account_.tables().tables->Load(pointer->metadata_location));
  // Whoever has the index of a replicated table compacts it.
  if (found.loaded.metadata->properties.contains(capture::kPositionProperty)) {
    return std::optional<Found>();
  }
  return std::optional(std::move(found));
}

Result<> TableCompaction::Lock(const table::Writer& writer, ObjectId table) {
  const auto locked = account_.table_locks().Take(writer.id, table, TableLock::kChange,
                                                  kLockTimeout, [this] { return ending_.load(); });
  if (locked) return {};
  return Fail(ErrorKind::kConflict, "somebody changes its rows");
}

Result<> TableCompaction::Publish(const Found& found, const table::Writer& writer,
                                  table::PreparedRewrite rewrite) {
  table::TableContext context = account_.tables();
  table::PinnedSnapshots pins(context.storage);
  context.pins = &pins;
  const table::TableChange change{.table = found.name,
                                  .table_uuid = found.loaded.metadata->table_uuid,
                                  .created = nullptr,
                                  .requirements = {},
                                  .changes = std::move(rewrite.changes),
                                  .snapshot_id = rewrite.snapshot_id};
  TablePublisher publisher(&account_.metastore(), writer.id);
  TARN_TRY(table::CommitTables(
      context, publisher, writer, {&change, 1},
      {.retry = kRetry, .before_appearing = table::JournalExpired(*context.journal, writer)}));
  context.journal->Commit(writer.id, account_.clock().NowMs());
  return {};
}

Result<> TableCompaction::Rewrite(const Found& found, const table::Writer& writer,
                                  const table::RewriteGroup& group,
                                  const table::RewriteDataFilesOptions& options, bool lock_first) {
  const table::TableContext& context = account_.tables();
  if (lock_first) TARN_TRY(Lock(writer, found.id));
  TARN_TRY(context.journal->AddLocation(writer, found.loaded.metadata->location, false));
  TARN_ASSIGN(auto rewrite, table::PrepareRewrite(context, writer, found.loaded, group, options,
                                                  {.on_progress = nullptr, .cancelled = &ending_}));
  if (!lock_first) TARN_TRY(Lock(writer, found.id));
  return Publish(found, writer, std::move(rewrite));
}

Result<> TableCompaction::RewriteGroup(const Found& found, const table::RewriteGroup& group,
                                       const table::RewriteDataFilesOptions& options,
                                       bool lock_first) {
  const table::Writer writer = account_.writers().Begin();
  const Result<> done = Rewrite(found, writer, group, options, lock_first);
  account_.table_locks().Release(writer.id);
  // While nobody can say, the writer stays open until the account is opened again.
  const bool unknown = !done && done.error().kind == ErrorKind::kCommitStateUnknown;
  if (!unknown) account_.writers().End(writer.id);
  if (!done) account_.SettleWriters();
  return done;
}

Result<bool> TableCompaction::Compact(const Found& found, Look& look) {
  table::RewriteDataFilesOptions options = OptionsFor(*found.loaded.metadata, found.quiet);
  if (!found.quiet) options.planned_at = look.planned_at;
  TARN_ASSIGN(const auto groups,
              table::PlanRewriteDataFiles(account_.tables(), found.loaded, options));
  if (groups.empty()) {
    look.planned_at = found.loaded.metadata->current_snapshot_id;
    return found.quiet;
  }
  for (const table::RewriteGroup& group :
       std::span(groups).first(std::min(groups.size(), kGroupsMost))) {
    TARN_TRY(RewriteGroup(found, group, options, look.failures >= kPatience));
  }
  return false;
}

Result<> TableCompaction::LookAt(ObjectId table, Look& look, bool& settled) {
  std::optional<Found> found;
  {
    TARN_ASSIGN(const auto snapshot, account_.metastore().Read());
    TARN_ASSIGN(found, Find(*snapshot, table));
    if (found) found->files_held = snapshot->HoldFiles();
  }
  settled = !found;
  if (!found) return {};
  TARN_ASSIGN(settled, Compact(*found, look));
  look.failures = 0;
  return {};
}

Result<> TableCompaction::Round() {
  {
    // What is published while they are listed is of the next round.
    const int64_t began_ms = account_.clock().NowMs();
    TARN_ASSIGN(const auto snapshot, account_.metastore().Read());
    TARN_TRY(FindPublished(*snapshot, began_ms));
  }
  for (auto at = tables_.begin(); at != tables_.end();) {
    if (ending_) return {};
    Look& look = at->second;
    bool settled = false;
    if (look.not_before_ms <= account_.clock().NowMs()) {
      const auto looked = LookAt(at->first, look, settled);
      if (!looked && !ending_) {
        // A defeat is none of anybody's business: it is tried again.
        if (looked.error().kind != ErrorKind::kConflict) {
          spdlog::warn("could not compact table {}: {}", at->first.value(), looked.error().message);
        }
        const int32_t doublings = std::min(look.failures++, kPauseDoublings);
        look.not_before_ms = account_.clock().NowMs() + (kPauseMs << doublings);
      }
    }
    at = settled ? tables_.erase(at) : std::next(at);
  }
  return {};
}

}  // namespace tarn::warehouse
