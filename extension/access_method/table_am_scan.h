// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "boundary/postgres_headers.h"

extern "C" {
#include <access/relscan.h>
}

#include "scan/lake_scan.h"

namespace tarn::extension {

/// What scan_begin returns. The LakeScan inside is destroyed by scan_end, or, after an error, with
/// the memory context.
struct AmScan {
  TableScanDescData base;
  LakeScan* scan;

  // ANALYZE: rows that every block stands for, and rows delivered.
  bool analyze_started;
  double rows_per_block;
  int64_t analyzed_rows;
  TupleTableSlot* analyze_slot;

  // ANALYZE, and TABLESAMPLE (there: places of rows, committed and own, and committed only)
  int64_t sample_rows;
  int64_t committed_rows;
  /// ANALYZE: the next run. TABLESAMPLE: the place of the row in sample_slot.
  int64_t scan_position;

  // TABLESAMPLE: the rows of the current block, by offset.
  bool sampling;
  bool sample_counted;
  TupleTableSlot* sample_slot;
  int64_t sample_from;   ///< the row in sample_slot is the first at this place or behind it
  int64_t sample_block;  ///< -1: none
  int64_t block_rows;
  MemoryContext sample_context;
  MinimalTuple* block_tuples;
  ItemPointerData* block_tids;
};

/// The kind of slot for rows of the relation. ANALYZE sorts its sample by the row's place, which
/// only rows in the form of heap tuples keep: the first slot after the begin of its scan is for
/// them.
const TupleTableSlotOps* SlotKind(Relation relation);

Snapshot AmScanSnapshot(const AmScan* scan);
/// All columns, with TIDs.
LakeScanOptions AmScanColumns(const AmScan* scan);
void OpenAmScan(AmScan* scan, LakeScanOptions options);
void CloseAmScan(AmScan* scan);

}  // namespace tarn::extension
