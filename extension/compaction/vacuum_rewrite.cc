// SPDX-License-Identifier: Apache-2.0
#include "compaction/vacuum_rewrite.h"

#include "boundary/guard.h"
#include "compaction/rewrite_table.h"

extern "C" {
#include <miscadmin.h>
#include <storage/lwlock.h>
#include <storage/proc.h>
#include <storage/procarray.h>
}

namespace tarn::extension {
namespace {

/// A bound of the engine's choice would leave a part for the next VACUUM.
constexpr int64_t kEverything = int64_t{1} << 50;

/// VACUUM runs unseen by snapshots, since it takes no transaction id. A rewrite takes one, and its
/// commit must be seen as a whole.
void BecomeOrdinaryTransaction() {
  LWLockAcquire(ProcArrayLock, LW_EXCLUSIVE);
  MyProc->statusFlags &= static_cast<uint8>(~PROC_IN_VACUUM);
  ProcGlobal->statusFlags[MyProc->pgxactoff] = MyProc->statusFlags;
  LWLockRelease(ProcArrayLock);
}

void Tell(Relation relation, const lake::RewriteOutcome& outcome) {
  const char* name = RelationGetRelationName(relation);
  if (!outcome.changes) {
    ereport(INFO, (errmsg("lake table \"%s\": no files are worth a rewrite", name)));
    return;
  }
  if (outcome.rewritten_files == 0) {
    ereport(INFO, (errmsg("lake table \"%s\": merged its manifests", name)));
    return;
  }
  ereport(INFO, (errmsg("lake table \"%s\": rewrote " INT64_FORMAT " files of " INT64_FORMAT
                        " bytes as " INT64_FORMAT " files of " INT64_FORMAT " bytes",
                        name, outcome.rewritten_files, outcome.rewritten_bytes, outcome.added_files,
                        outcome.added_bytes)));
}

}  // namespace

void RewriteByVacuum(Relation relation, const VacuumParams* params) {
  if (AmAutoVacuumWorkerProcess()) return;
  BecomeOrdinaryTransaction();
  const bool verbose = (params->options & VACOPT_VERBOSE) != 0;
  Guard([&] {
    try {
      const auto outcome =
          RewriteLakeTable(RelationGetRelid(relation), lake::CompactionPass::kWhole,
                           {.max_bytes = kEverything}, RelationLock::kHeld);
      if (verbose) Pg([&] { Tell(relation, outcome); });
    } catch (const LakeError& e) {
      // The transaction commits without the rewrite, whose files then go.
      if (e.error().kind != ErrorKind::kConflict) throw;
      const char* why =
          e.error().detail.empty() ? e.error().message.c_str() : e.error().detail.c_str();
      Pg([&] {
        ereport(WARNING, (errmsg("files of lake table \"%s\" are left as they are",
                                 RelationGetRelationName(relation)),
                          errdetail("%s", why)));
      });
    }
  });
}

}  // namespace tarn::extension
