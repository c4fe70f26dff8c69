// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres_headers.h"

extern "C" {
#include <access/relscan.h>
}

#include "lake_scan.h"

namespace tarn::extension {

/// What scan_begin returns. The LakeScan inside is destroyed by scan_end, or, after an error, with
/// the memory context.
struct AmScan {
  TableScanDescData base;
  LakeScan* scan;

  // ANALYZE: rows that every block stands for.
  bool analyze_started;
  double rows_per_block;

  // TABLESAMPLE: the rows of the current block, by offset.
  bool sampling;
  int64_t sample_rows;  ///< of the table
  int64_t committed_rows;
  int64_t scan_position;  ///< index of the row that `scan` returns next
  int64_t sample_block;   ///< -1: none
  int64_t block_rows;
  MemoryContext sample_context;
  MinimalTuple* block_tuples;
  ItemPointerData* block_tids;
};

Snapshot AmScanSnapshot(const AmScan* scan);
/// All columns, with TIDs.
LakeScanOptions AmScanColumns(const AmScan* scan);
void OpenAmScan(AmScan* scan, LakeScanOptions options);
void CloseAmScan(AmScan* scan);

}  // namespace tarn::extension
