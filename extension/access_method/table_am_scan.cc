// SPDX-License-Identifier: Apache-2.0
// Sequential scans of the access method. Most scans take the custom scan; these serve what does
// not: rewrites, constraint validation, COPY TO, ANALYZE, TABLESAMPLE.
#include "access_method/table_am_scan.h"

#include "access_method/table_am.h"
#include "boundary/guard.h"
#include "scan/lake_scan.h"

extern "C" {
#include <access/relscan.h>
#include <utils/memutils.h>
#include <utils/snapmgr.h>
}

namespace tarn::extension {
namespace {

/// ANALYZE of this relation has begun its scan, and asks for its slot next.
Oid g_analyzing = InvalidOid;

LakeScanOptions AllColumns(Relation relation) {
  LakeScanOptions options;
  // Dropped ones, too: in a rewrite the rows are those of before.
  for (int i = 1; i <= RelationGetDescr(relation)->natts; ++i)
    options.attnums.push_back(static_cast<AttrNumber>(i));
  options.tids = true;
  return options;
}

TableScanDesc ScanBegin(Relation relation, Snapshot snapshot, int nkeys,
                        struct ScanKeyData* /*keys*/, ParallelTableScanDesc parallel,
                        uint32 flags) {
  if (nkeys > 0)
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("scan keys are not supported on lake tables")));
  if (parallel != nullptr) {
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("parallel scans of lake tables are not supported"),
                    errhint("Set max_parallel_workers_per_gather to 0.")));
  }
  RelationIncrementReferenceCount(relation);
  auto* scan = static_cast<AmScan*>(palloc0(sizeof(AmScan)));
  scan->base.rs_rd = relation;
  scan->base.rs_snapshot = snapshot;
  scan->base.rs_flags = flags;
  g_analyzing = (flags & SO_TYPE_ANALYZE) != 0 ? RelationGetRelid(relation) : InvalidOid;
  return &scan->base;
}

void ScanEnd(TableScanDesc descriptor) {
  auto* scan = reinterpret_cast<AmScan*>(descriptor);
  CloseAmScan(scan);
  if (scan->sample_context != nullptr) MemoryContextDelete(scan->sample_context);
  if (scan->sample_slot != nullptr) ExecDropSingleTupleTableSlot(scan->sample_slot);
  if (scan->analyze_slot != nullptr) ExecDropSingleTupleTableSlot(scan->analyze_slot);
  RelationDecrementReferenceCount(scan->base.rs_rd);
  if ((scan->base.rs_flags & SO_TEMP_SNAPSHOT) != 0) UnregisterSnapshot(scan->base.rs_snapshot);
  pfree(scan);
}

void ScanRescan(TableScanDesc descriptor, struct ScanKeyData* /*keys*/, bool /*set_params*/,
                bool /*allow_strat*/, bool /*allow_sync*/, bool /*allow_pagemode*/) {
  auto* scan = reinterpret_cast<AmScan*>(descriptor);
  if (scan->scan != nullptr && !scan->sampling) {
    Guard([&] { scan->scan->Rewind(); });
  } else {
    CloseAmScan(scan);
  }
  scan->sampling = false;
  scan->sample_block = -1;
}

bool ScanGetNextSlot(TableScanDesc descriptor, ScanDirection direction, TupleTableSlot* slot) {
  auto* scan = reinterpret_cast<AmScan*>(descriptor);
  if (direction == BackwardScanDirection) {
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("lake tables cannot be scanned backwards"),
                    errhint("Declare the cursor with SCROLL.")));
  }
  return Guard([&] {
    if (scan->scan == nullptr) OpenAmScan(scan, AllColumns(scan->base.rs_rd));
    return scan->scan->Next(slot);
  });
}

}  // namespace

const TupleTableSlotOps* SlotKind(Relation relation) {
  const bool analyzing = g_analyzing == RelationGetRelid(relation);
  g_analyzing = InvalidOid;
  return analyzing ? &TTSOpsHeapTuple : &TTSOpsVirtual;
}

Snapshot AmScanSnapshot(const AmScan* scan) {
  if (scan->base.rs_snapshot != nullptr) return scan->base.rs_snapshot;
  return Pg([] { return ActiveSnapshotSet() ? GetActiveSnapshot() : GetTransactionSnapshot(); });
}

void OpenAmScan(AmScan* scan, LakeScanOptions options) {
  CloseAmScan(scan);
  // Next is called in shorter-lived contexts; the scan lives as long as its descriptor.
  MemoryContext caller = MemoryContextSwitchTo(GetMemoryChunkContext(scan));
  try {
    scan->scan =
        LakeScan::Open(scan->base.rs_rd, AmScanSnapshot(scan), std::move(options)).release();
  } catch (...) {
    MemoryContextSwitchTo(caller);
    throw;
  }
  MemoryContextSwitchTo(caller);
}

LakeScanOptions AmScanColumns(const AmScan* scan) { return AllColumns(scan->base.rs_rd); }

void CloseAmScan(AmScan* scan) {
  delete scan->scan;
  scan->scan = nullptr;
}

void FillScanCallbacks(TableAmRoutine& routine) {
  routine.scan_begin = ScanBegin;
  routine.scan_end = ScanEnd;
  routine.scan_rescan = ScanRescan;
  routine.scan_getnextslot = ScanGetNextSlot;
  // Never offered by the planner (the scan hook makes lake tables parallel-unsafe), but required.
  routine.parallelscan_estimate = table_block_parallelscan_estimate;
  routine.parallelscan_initialize = table_block_parallelscan_initialize;
  routine.parallelscan_reinitialize = table_block_parallelscan_reinitialize;
}

}  // namespace tarn::extension
