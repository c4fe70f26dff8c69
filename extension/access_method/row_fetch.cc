// SPDX-License-Identifier: Apache-2.0
#include "access_method/row_fetch.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "boundary/guard.h"
#include "scan/lake_scan.h"
#include "transaction/pending.h"

extern "C" {
#include <executor/executor.h>
#include <utils/memutils.h>
#include <utils/snapmgr.h>
}

namespace tarn::extension {
namespace {

constexpr int64_t kWindowRows = 1024;
constexpr size_t kWindows = 16;

/// What a committed row's number means depends on the snapshot; these tell two snapshots apart (of
/// two snapshots that a backend took, equal ones see the same).
struct SnapshotKey {
  TransactionId xmin = 0, xmax = 0;
  uint32_t running = 0;
  bool operator==(const SnapshotKey&) const = default;
};

struct CachedRow {
  int64_t number;
  MinimalTuple tuple;
};

/// Neighbouring rows of one relation.
struct Window {
  Oid relation = InvalidOid;
  uint64_t storage = 0;
  bool pending = false;
  SnapshotKey snapshot;
  int natts = 0;
  int64_t begin = 0;
  int64_t end = 0;  ///< rows in between that are not here do not exist
  std::vector<CachedRow> rows;
  MemoryContext context = nullptr;
  uint64_t used = 0;
};

std::array<Window, kWindows> g_windows;
uint64_t g_clock = 0;

bool IsPending(int64_t number) { return (number & lake::kPendingRowNumberBit) != 0; }

SnapshotKey KeyOf(Snapshot snapshot) { return {snapshot->xmin, snapshot->xmax, snapshot->xcnt}; }

Window* FindWindow(Relation relation, int64_t number, const SnapshotKey& snapshot) {
  const uint64_t storage = StorageKey(relation);
  for (Window& window : g_windows) {
    if (window.context != nullptr && window.relation == RelationGetRelid(relation) &&
        window.storage == storage && window.pending == IsPending(number) &&
        (window.pending || window.snapshot == snapshot) &&
        window.natts == RelationGetDescr(relation)->natts && number >= window.begin &&
        number < window.end) {
      return &window;
    }
  }
  return nullptr;
}

void Release(Window& window) {
  if (window.context != nullptr) MemoryContextDelete(window.context);
  window = Window{};
}

void FillWindow(Window& window, Relation relation, Snapshot snapshot, int64_t number) {
  constexpr int64_t kBit = lake::kPendingRowNumberBit;
  LakeScanOptions options;
  for (int i = 1; i <= RelationGetDescr(relation)->natts; ++i)
    options.attnums.push_back(static_cast<AttrNumber>(i));
  options.tids = true;
  if (window.pending) {
    window.begin = number;
    window.end = number + kWindowRows;
    options.committed = false;
    options.pending_begin = window.begin & ~kBit;
    options.pending_end = window.end & ~kBit;
  } else {
    window.begin = number / kWindowRows * kWindowRows;
    window.end = window.begin + kWindowRows;
    options.pending = false;
    options.row_begin = window.begin;
    options.row_end = window.end;
  }
  const auto scan =
      LakeScan::Open(relation, window.pending ? SnapshotAny : snapshot, std::move(options));
  TupleTableSlot* slot =
      Pg([&] { return MakeSingleTupleTableSlot(RelationGetDescr(relation), &TTSOpsVirtual); });
  MemoryContext context = window.context;
  while (scan->Next(slot)) {
    MinimalTuple tuple = Pg([&] {
      MemoryContext caller = MemoryContextSwitchTo(context);
      MinimalTuple copy = ExecCopySlotMinimalTuple(slot);
      MemoryContextSwitchTo(caller);
      return copy;
    });
    window.rows.push_back({.number = RowNumberFromTid(slot->tts_tid), .tuple = tuple});
  }
  Pg([&] { ExecDropSingleTupleTableSlot(slot); });
  // Own rows may be added behind the last: only what is there is known.
  if (window.pending)
    window.end = window.rows.empty() ? window.begin : window.rows.back().number + 1;
}

Window& MakeWindow(Relation relation, Snapshot snapshot, int64_t number) {
  Window& window = *std::ranges::min_element(g_windows, {}, &Window::used);
  Release(window);
  window.context = Pg([] {
    return AllocSetContextCreate(TopTransactionContext, "tarn fetched rows",
                                 ALLOCSET_DEFAULT_SIZES);
  });
  window.pending = IsPending(number);
  try {
    FillWindow(window, relation, snapshot, number);
  } catch (...) {
    Release(window);
    throw;
  }
  window.relation = RelationGetRelid(relation);
  window.storage = StorageKey(relation);
  window.snapshot = KeyOf(snapshot);
  window.natts = RelationGetDescr(relation)->natts;
  return window;
}

}  // namespace

bool FetchRow(Relation relation, const ItemPointerData& tid, Snapshot snapshot,
              TupleTableSlot* slot) {
  const int64_t number = RowNumberFromTid(tid);
  const bool any_command = !IsMVCCSnapshot(snapshot);
  if (any_command)
    snapshot =
        Pg([] { return ActiveSnapshotSet() ? GetActiveSnapshot() : GetTransactionSnapshot(); });
  if (IsPending(number) && !IsPendingRowVisible(relation, number & ~lake::kPendingRowNumberBit,
                                                snapshot->curcid, any_command)) {
    return false;
  }
  Window* window = FindWindow(relation, number, KeyOf(snapshot));
  if (window == nullptr) window = &MakeWindow(relation, snapshot, number);
  window->used = ++g_clock;
  const auto row = std::ranges::lower_bound(window->rows, number, {}, &CachedRow::number);
  if (row == window->rows.end() || row->number != number) return false;
  Pg([&] {
    ExecForceStoreMinimalTuple(row->tuple, slot, false);
    ExecMaterializeSlot(slot);
    slot->tts_tid = tid;
    slot->tts_tableOid = RelationGetRelid(relation);
  });
  return true;
}

void ForgetFetchedRows() {
  // The contexts go with the transaction's.
  for (Window& window : g_windows) window = Window{};
}

}  // namespace tarn::extension
