// SPDX-License-Identifier: Apache-2.0
// Sizes, VACUUM and ANALYZE.
#include <algorithm>
#include <cmath>

#include "access_method/table_am.h"
#include "access_method/table_am_scan.h"
#include "boundary/guard.h"
#include "compaction/vacuum_rewrite.h"
#include "scan/lake_scan.h"
#include "transaction/pending.h"

extern "C" {
#include <access/multixact.h>
#include <commands/vacuum.h>
#include <common/pg_prng.h>
#include <executor/executor.h>
#include <pgstat.h>
#include <storage/bufmgr.h>
#include <storage/read_stream.h>
#include <utils/memutils.h>
#include <utils/snapmgr.h>
}

namespace tarn::extension {
namespace {

LakeTableSize SizeOf(Relation relation) {
  if (!ActiveSnapshotSet()) return {};
  return Guard([&] { return EstimateLakeTable(relation); });
}

/// PostgreSQL counts pages; a table with rows has at least one.
BlockNumber PagesOf(const LakeTableSize& size) {
  const double pages = std::ceil(size.bytes / BLCKSZ);
  return static_cast<BlockNumber>(
      std::clamp(pages, size.rows > 0 ? 1.0 : 0.0, static_cast<double>(MaxBlockNumber)));
}

uint64 RelationSize(Relation relation, ForkNumber fork) {
  if (fork != MAIN_FORKNUM && fork != InvalidForkNumber) return 0;
  return uint64{PagesOf(SizeOf(relation))} * BLCKSZ;
}

void EstimateSize(Relation relation, int32* /*widths*/, BlockNumber* pages, double* tuples,
                  double* all_visible) {
  const LakeTableSize size = SizeOf(relation);
  *pages = PagesOf(size);
  *tuples = size.rows;
  *all_visible = 1;
}

/// There is nothing to clean in PostgreSQL's files, and no row carries a transaction id: the
/// horizon moves to the present. Small data files become few.
void Vacuum(Relation relation, struct VacuumParams* params, BufferAccessStrategy /*strategy*/) {
  struct VacuumCutoffs cutoffs;
  vacuum_get_cutoffs(relation, params, &cutoffs);
  const LakeTableSize size = SizeOf(relation);
  bool frozen = false;
  bool multi = false;
  vac_update_relstats(relation, PagesOf(size), size.rows, 0, false, cutoffs.OldestXmin,
                      cutoffs.OldestMxact, &frozen, &multi, false);
  pgstat_report_vacuum(RelationGetRelid(relation), false, static_cast<PgStat_Counter>(size.rows),
                       0);
  if ((params->options & VACOPT_VERBOSE) != 0) {
    ereport(INFO, (errmsg("lake table \"%s\": %.0f rows in %.0f bytes",
                          RelationGetRelationName(relation), size.rows, size.bytes)));
  }
  RewriteByVacuum(relation, params);
}

// ---- ANALYZE ----
// PostgreSQL draws blocks, and rows from all rows of these blocks. Here the rows are read in runs
// spread over the table when the first block is asked for, and every block counts for its share of
// the rows.

constexpr double kAnalyzeRows = 300'000;
constexpr int kAnalyzeRuns = 100;
constexpr int64_t kRowsPerPlace = 100;

bool AnalyzeNextBlock(TableScanDesc descriptor, ReadStream* stream) {
  auto* scan = reinterpret_cast<AmScan*>(descriptor);
  BufferAccessStrategy strategy = nullptr;
  const BlockNumber block = read_stream_next_block(stream, &strategy);
  if (block == InvalidBlockNumber) return false;
  if (!scan->analyze_started) {
    const LakeTableSize size = SizeOf(scan->base.rs_rd);
    const int64_t pending = Guard([&] { return CountPendingRows(scan->base.rs_rd); });
    scan->sample_rows = static_cast<int64_t>(size.rows);
    scan->committed_rows = std::max<int64_t>(0, scan->sample_rows - pending);
    scan->rows_per_block = size.rows / std::max(1.0, static_cast<double>(PagesOf(size)));
    scan->scan_position = 0;
  }
  scan->block_rows = 1;  // this block's share is still to be counted
  return true;
}

/// The next run of rows of a large table; false after the last.
bool OpenAnalyzeRun(AmScan* scan) {
  const int64_t run = scan->scan_position++;
  if (scan->committed_rows <= static_cast<int64_t>(kAnalyzeRows)) {
    if (run > 0) return false;
    OpenAmScan(scan, AmScanColumns(scan));
    return true;
  }
  if (run >= kAnalyzeRuns) return false;
  LakeScanOptions options = AmScanColumns(scan);
  const auto rows = static_cast<int64_t>(kAnalyzeRows / kAnalyzeRuns);
  const double share = static_cast<double>(scan->committed_rows) / kAnalyzeRuns;
  const auto begin = static_cast<int64_t>(share * static_cast<double>(run));
  const auto end = static_cast<int64_t>(share * static_cast<double>(run + 1));
  // Anywhere in its part of the table: at fixed distances the runs could meet only a part of what
  // repeats itself.
  options.row_begin = begin + static_cast<int64_t>(pg_prng_uint64_range(
                                  &pg_global_prng_state, 0,
                                  static_cast<uint64_t>(std::max(end - begin - rows, int64_t{0}))));
  options.row_end = *options.row_begin + rows;
  options.pending = false;
  OpenAmScan(scan, std::move(options));
  return true;
}

bool NextAnalyzeRow(AmScan* scan, TupleTableSlot* slot) {
  while (true) {
    if (scan->scan != nullptr && scan->scan->Next(slot)) return true;
    CloseAmScan(scan);
    if (!OpenAnalyzeRun(scan)) return false;
  }
}

TupleTableSlot* MakeAnalyzeSlot(AmScan* scan) {
  MemoryContext caller = MemoryContextSwitchTo(GetMemoryChunkContext(scan));
  TupleTableSlot* slot =
      MakeSingleTupleTableSlot(RelationGetDescr(scan->base.rs_rd), &TTSOpsVirtual);
  MemoryContextSwitchTo(caller);
  return slot;
}

/// The place of the row in the order of reading goes with it: the correlation is computed from it.
void StoreAnalyzeRow(AmScan* scan, TupleTableSlot* slot) {
  HeapTuple tuple = ExecCopySlotHeapTuple(scan->analyze_slot);
  const int64_t row = scan->analyzed_rows++;
  ItemPointerSet(&tuple->t_self, static_cast<BlockNumber>(row / kRowsPerPlace),
                 static_cast<OffsetNumber>(row % kRowsPerPlace + FirstOffsetNumber));
  ExecForceStoreHeapTuple(tuple, slot, true);
}

bool AnalyzeNextTuple(TableScanDesc descriptor, TransactionId /*oldest_xmin*/, double* live,
                      double* /*dead*/, TupleTableSlot* slot) {
  auto* scan = reinterpret_cast<AmScan*>(descriptor);
  if (scan->block_rows > 0) {
    *live += scan->rows_per_block;
    scan->block_rows = 0;
  }
  scan->analyze_started = true;
  if (scan->scan_position > kAnalyzeRuns) return false;
  if (scan->analyze_slot == nullptr) scan->analyze_slot = MakeAnalyzeSlot(scan);
  if (Guard([&] { return NextAnalyzeRow(scan, scan->analyze_slot); })) {
    StoreAnalyzeRow(scan, slot);
    return true;
  }
  scan->scan_position = kAnalyzeRuns + 1;
  ExecClearTuple(slot);
  return false;
}

}  // namespace

void FillMaintenanceCallbacks(TableAmRoutine& routine) {
  routine.relation_size = RelationSize;
  routine.relation_estimate_size = EstimateSize;
  routine.relation_vacuum = Vacuum;
  routine.scan_analyze_next_block = AnalyzeNextBlock;
  routine.scan_analyze_next_tuple = AnalyzeNextTuple;
}

}  // namespace tarn::extension
