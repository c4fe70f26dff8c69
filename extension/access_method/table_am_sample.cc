// SPDX-License-Identifier: Apache-2.0
// TABLESAMPLE. A row's place is its row number, own rows follow behind the last committed one; a
// block is kSampleBlockRows places. How many there are is counted under the scan's own snapshot: a
// sampling method draws from the whole table, or from none of it.
#include "access_method/table_am.h"
#include "access_method/table_am_scan.h"
#include "boundary/guard.h"
#include "scan/lake_scan.h"

extern "C" {
#include <access/tsmapi.h>
#include <executor/executor.h>
#include <nodes/execnodes.h>
#include <utils/memutils.h>
}

#include <algorithm>

namespace tarn::extension {
namespace {

constexpr int64_t kSampleBlockRows = 128;
/// Gaps below this are read over; beyond, a new scan is cheaper.
constexpr int64_t kSampleSkipRows = 65536;

TupleTableSlot* MakeSampleSlot(AmScan* scan) {
  return Pg(
      [&] { return MakeSingleTupleTableSlot(RelationGetDescr(scan->base.rs_rd), &TTSOpsVirtual); });
}

bool IsOwnRow(int64_t row_number) { return (row_number & lake::kPendingRowNumberBit) != 0; }

/// Reads the TIDs of all rows.
void CountPlaces(AmScan* scan) {
  OpenAmScan(scan, LakeScanOptions{.tids = true});
  TupleTableSlot* slot = MakeSampleSlot(scan);
  scan->committed_rows = 0;
  scan->sample_rows = 0;
  while (scan->scan->Next(slot)) {
    const int64_t row_number = RowNumberFromTid(slot->tts_tid);
    if (IsOwnRow(row_number)) {
      ++scan->sample_rows;
    } else {
      scan->committed_rows = scan->sample_rows = row_number + 1;
    }
  }
  Pg([&] { ExecDropSingleTupleTableSlot(slot); });
  CloseAmScan(scan);
  scan->sample_counted = true;
}

void StartSampling(AmScan* scan) {
  scan->sampling = true;
  scan->sample_block = -1;
  // The snapshot stays through rescans.
  if (!scan->sample_counted) Guard([&] { CountPlaces(scan); });
  if (scan->sample_context != nullptr) return;
  scan->sample_context = AllocSetContextCreate(GetMemoryChunkContext(scan), "tarn sample block",
                                               ALLOCSET_DEFAULT_SIZES);
  MemoryContext caller = MemoryContextSwitchTo(GetMemoryChunkContext(scan));
  scan->block_tuples = static_cast<MinimalTuple*>(palloc(sizeof(MinimalTuple) * kSampleBlockRows));
  scan->block_tids =
      static_cast<ItemPointerData*>(palloc(sizeof(ItemPointerData) * kSampleBlockRows));
  scan->sample_slot = MakeSingleTupleTableSlot(RelationGetDescr(scan->base.rs_rd), &TTSOpsVirtual);
  MemoryContextSwitchTo(caller);
}

/// Moves to the next row and its place; false at the end.
bool NextPlace(AmScan* scan) {
  if (!scan->scan->Next(scan->sample_slot)) return false;
  const int64_t row_number = RowNumberFromTid(scan->sample_slot->tts_tid);
  if (!IsOwnRow(row_number)) {
    scan->scan_position = row_number;
  } else {
    scan->scan_position = std::max(scan->scan_position + 1, scan->committed_rows);
  }
  return true;
}

/// Brings the scan to the first row at `target` or behind it; false if there is none.
bool SeekSample(AmScan* scan, int64_t target) {
  if (scan->scan == nullptr || target < scan->sample_from ||
      target - scan->scan_position > kSampleSkipRows) {
    LakeScanOptions options = AmScanColumns(scan);
    const int64_t begin = std::min(target, scan->committed_rows);
    if (begin > 0) options.row_begin = begin;
    Pg([&] { ExecClearTuple(scan->sample_slot); });
    OpenAmScan(scan, std::move(options));
    scan->scan_position = begin - 1;
  }
  scan->sample_from = target;
  if (!TTS_EMPTY(scan->sample_slot) && scan->scan_position >= target) return true;
  while (NextPlace(scan)) {
    if (scan->scan_position >= target) return true;
  }
  return false;
}

void LoadSampleBlock(AmScan* scan, int64_t block) {
  MemoryContext context = scan->sample_context;
  Pg([&] { MemoryContextReset(context); });
  scan->block_rows = 0;
  scan->sample_block = block;
  const int64_t end = (block + 1) * kSampleBlockRows;
  if (!SeekSample(scan, block * kSampleBlockRows)) return;
  scan->sample_from = end;  // whatever is before it is taken
  while (scan->scan_position < end) {
    scan->block_tuples[scan->block_rows] = Pg([&] {
      MemoryContext caller = MemoryContextSwitchTo(context);
      MinimalTuple copy = ExecCopySlotMinimalTuple(scan->sample_slot);
      MemoryContextSwitchTo(caller);
      return copy;
    });
    scan->block_tids[scan->block_rows++] = scan->sample_slot->tts_tid;
    if (!NextPlace(scan)) return;
  }
}

bool SampleNextBlock(TableScanDesc descriptor, struct SampleScanState* state) {
  auto* scan = reinterpret_cast<AmScan*>(descriptor);
  if (!scan->sampling) StartSampling(scan);
  const int64_t blocks = (scan->sample_rows + kSampleBlockRows - 1) / kSampleBlockRows;
  TsmRoutine* sampler = state->tsmroutine;
  int64_t block = scan->sample_block + 1;
  if (sampler->NextSampleBlock != nullptr) {
    const BlockNumber chosen = sampler->NextSampleBlock(state, static_cast<BlockNumber>(blocks));
    if (!BlockNumberIsValid(chosen)) return false;
    block = chosen;
  }
  if (block >= blocks) return false;
  Guard([&] { LoadSampleBlock(scan, block); });
  return true;
}

bool SampleNextTuple(TableScanDesc descriptor, struct SampleScanState* state,
                     TupleTableSlot* slot) {
  auto* scan = reinterpret_cast<AmScan*>(descriptor);
  ExecClearTuple(slot);
  const OffsetNumber offset =
      state->tsmroutine->NextSampleTuple(state, static_cast<BlockNumber>(scan->sample_block),
                                         static_cast<OffsetNumber>(scan->block_rows));
  if (!OffsetNumberIsValid(offset) || offset > scan->block_rows) return false;
  ExecForceStoreMinimalTuple(scan->block_tuples[offset - 1], slot, false);
  ExecMaterializeSlot(slot);
  slot->tts_tid = scan->block_tids[offset - 1];
  slot->tts_tableOid = RelationGetRelid(scan->base.rs_rd);
  return true;
}

}  // namespace

void FillSampleCallbacks(TableAmRoutine& routine) {
  routine.scan_sample_next_block = SampleNextBlock;
  routine.scan_sample_next_tuple = SampleNextTuple;
}

}  // namespace tarn::extension
