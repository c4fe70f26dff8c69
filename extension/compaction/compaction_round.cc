// SPDX-License-Identifier: Apache-2.0
#include "compaction/compaction_round.h"

#include <algorithm>
#include <set>
#include <vector>

#include "access_method/lake_relation.h"
#include "boundary/guard.h"
#include "compaction/rewrite_table.h"
#include "definition/settings.h"
#include "process/engine_client.h"
#include "transaction/pointer.h"

extern "C" {
#include <access/relation.h>
#include <access/xact.h>
#include <pgstat.h>
#include <postmaster/interrupt.h>
#include <storage/lmgr.h>
#include <utils/guc.h>
#include <utils/memutils.h>
#include <utils/rel.h>
#include <utils/snapmgr.h>
}

namespace tarn::extension {
namespace {

/// One commit. Larger ones save little, and lose more races.
constexpr int64_t kMaxCommitBytes = int64_t{512} << 20;

lake::RewriteLimits LimitsFor(int64_t bytes_left) {
  return {.max_bytes = std::clamp(bytes_left, int64_t{1} << 20, kMaxCommitBytes),
          .min_input_files = settings().compaction_min_files,
          .nap_ms = int64_t{settings().compaction_naptime_s} * 1000};
}

enum class Wish { kCompact, kNever, kLater };

/// What is wanted of a table; later where somebody changes it just now.
Wish WishFor(Oid table_oid) {
  return Pg([&] {
    if (!ConditionalLockRelationOid(table_oid, AccessShareLock)) return Wish::kLater;
    Relation relation = try_relation_open(table_oid, NoLock);
    if (relation == nullptr) {
      UnlockRelationOid(table_oid, AccessShareLock);
      return Wish::kNever;
    }
    const auto* options = reinterpret_cast<StdRdOptions*>(relation->rd_options);
    const bool wanted =
        IsLakeRelation(relation) && (options == nullptr || options->autovacuum.enabled);
    relation_close(relation, AccessShareLock);
    return wanted ? Wish::kCompact : Wish::kNever;
  });
}

std::set<Oid> DueTables() {
  const lake::CompactionsDue question{.database_oid = MyDatabaseId,
                                      .nap_ms = int64_t{settings().compaction_naptime_s} * 1000};
  const auto due =
      EngineClient::Get().Ask<lake::DueDatabases>(lake::MessageType::kCompactionsDue, question);
  std::set<Oid> tables;
  for (const lake::DueDatabase& database : due.databases) {
    tables.insert(database.tables.begin(), database.tables.end());
  }
  return tables;
}

std::vector<Pointer> ReadPointers(const std::set<Oid>& tables) {
  std::vector<Pointer> pointers;
  for (const Oid table : tables) {
    auto pointer = ReadNewestPointer(table);
    if (pointer) pointers.push_back(std::move(*pointer));
  }
  return pointers;
}

/// Which of the due tables, or of all, are worth a rewrite.
std::vector<lake::FoundRewrite> Find(bool all_tables) {
  EngineClient& client = EngineClient::Get();
  const Uuid node = client.node();
  std::set<Oid> due = DueTables();
  const bool installed = OidIsValid(PointerTableOid());
  lake::FindRewrites question;
  if (installed) {
    for (const Pointer& pointer : all_tables ? ReadAllPointers() : ReadPointers(due)) {
      const bool usable = !pointer.metadata_location.empty() && IsOwnPointer(pointer, node);
      const Wish wish = usable ? WishFor(pointer.table_oid) : Wish::kNever;
      if (wish != Wish::kNever) due.erase(pointer.table_oid);
      if (wish != Wish::kCompact) continue;
      question.tables.push_back({.table_oid = pointer.table_oid,
                                 .metadata_location = pointer.metadata_location,
                                 .limits = LimitsFor(kMaxCommitBytes)});
    }
  }
  question.excluded.assign(due.begin(), due.end());
  if (question.tables.empty() && question.excluded.empty()) return {};
  return client.Ask<lake::FoundRewrites>(lake::MessageType::kFindRewrites, question).tables;
}

/// Runs `work` in a transaction; false where it failed, and was rolled back. Nothing may be thrown
/// through it.
template <typename Work>
[[gnu::noinline]] bool InTransaction(const char* doing, Work work) {
  MemoryContext context = CurrentMemoryContext;
  volatile bool done = false;
  PG_TRY();
  {
    SetCurrentStatementStartTimestamp();
    StartTransactionCommand();
    pgstat_report_activity(STATE_RUNNING, doing);
    Guard([&] { work(); });
    CommitTransactionCommand();
    done = true;
  }
  PG_CATCH();
  {
    HOLD_INTERRUPTS();
    MemoryContextSwitchTo(context);
    ErrorData* error = CopyErrorData();
    FlushErrorState();
    AbortCurrentTransaction();
    // It loses to writers, and makes way for whoever waits: that is how it should be.
    const bool expected = error->sqlerrcode == ERRCODE_T_R_SERIALIZATION_FAILURE ||
                          error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE ||
                          error->sqlerrcode == ERRCODE_QUERY_CANCELED;
    ereport(expected ? DEBUG1 : LOG,
            (errmsg("%s: %s", doing, error->message),
             error->detail != nullptr ? errdetail("%s", error->detail) : 0));
    FreeErrorData(error);
    MemoryContextSwitchTo(context);
    RESUME_INTERRUPTS();
  }
  PG_END_TRY();
  pgstat_report_activity(STATE_IDLE, nullptr);
  return done;
}

struct Round {
  std::vector<lake::FoundRewrite> found;
  int64_t bytes_left = 0;
};

/// Group after group of one table, as long as there is more of it.
void Compact(const lake::FoundRewrite& table, Round* round) {
  bool more = true;
  while (more && round->bytes_left > 0) {
    more = false;
    int64_t rewritten = 0;
    const bool done = InTransaction("compaction of a lake table", [&] {
      const auto result = RewriteLakeTable(
          table.table_oid, table.pass, LimitsFor(round->bytes_left), RelationLock::kConditional);
      rewritten = result.rewritten_bytes;
      more = result.more;
    });
    if (!done) return;
    round->bytes_left -= rewritten;
  }
}

}  // namespace

void RunCompactionRound(bool all_tables) {
  Round round;
  round.bytes_left = int64_t{settings().compaction_round_mb} << 20;
  const bool looked = InTransaction("looking for lake tables to compact", [&] {
    Pg([] { PushActiveSnapshot(GetTransactionSnapshot()); });
    round.found = Find(all_tables);
    Pg([] { PopActiveSnapshot(); });
  });
  if (!looked) return;
  for (const lake::FoundRewrite& table : round.found) {
    if (round.bytes_left <= 0) break;
    Compact(table, &round);
  }
}

void DeclineCompaction() {
  (void)InTransaction("declining the compaction of lake tables", [] {
    const std::set<Oid> due = DueTables();
    lake::FindRewrites question;
    question.excluded.assign(due.begin(), due.end());
    (void)EngineClient::Get().CallMessage(lake::MessageType::kFindRewrites, question);
  });
}

}  // namespace tarn::extension
