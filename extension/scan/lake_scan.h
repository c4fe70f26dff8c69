// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "boundary/postgres_headers.h"

#include <memory>
#include <optional>
#include <vector>

#include "base/filter.h"
#include "lake/wire.h"

namespace tarn::extension {

struct LakeScanOptions {
  std::vector<AttrNumber> attnums;  ///< attributes to read; may be empty
  std::optional<Filter> filter;     ///< exact, over fields of CurrentFields(relation)
  std::optional<int64_t> limit;
  std::optional<int64_t> row_begin, row_end;  ///< committed rows only, by row number
  std::optional<int64_t> pending_begin,
      pending_end;        ///< own rows only, by ordinal (visible or not: the caller has the TID)
  bool committed = true;  ///< off: own rows only
  bool pending = true;    ///< off: committed rows only
  bool tids = false;      ///< fill tts_tid
  bool own_slot = false;  ///< Next always gets the same slot, and nobody else stores into it
};

/// A scan of one lake table under one snapshot: committed rows, then own rows. The one way rows are
/// read, by the access method and by the custom scan. Closes itself when destroyed; destroyed by
/// its memory context's reset callback if an error leaves it.
class LakeScan {
 public:
  /// Reads the pointer row now; talks to the engine at the first Next.
  static std::unique_ptr<LakeScan> Open(Relation relation, Snapshot snapshot,
                                        LakeScanOptions options);
  virtual ~LakeScan() = default;

  /// Stores the next row as a virtual tuple (attributes not asked for are null); false, and an
  /// empty slot, at the end. The columns are those of the *slot's* descriptor: while ALTER TABLE
  /// rewrites a table, that is the old row type and the relation's is the new one. Fields come from
  /// FieldsOf(relation, slot descriptor) of pending.h, so they are made at the first Next.
  virtual bool Next(TupleTableSlot* slot) = 0;
  virtual void Rewind() = 0;
};

/// What the engine would read for such a scan.
lake::ScanExplained ExplainLakeScan(Relation relation, Snapshot snapshot,
                                    const LakeScanOptions& options);

/// Row number ↔ TID (docs/internals/commit-protocol.md).
ItemPointerData TidFromRowNumber(int64_t row_number);
int64_t RowNumberFromTid(const ItemPointerData& tid);

/// Planner's numbers of the table under the active snapshot: rows and bytes, committed and own.
struct LakeTableSize {
  double rows = 0;
  double bytes = 0;
};
LakeTableSize EstimateLakeTable(Relation relation);

}  // namespace tarn::extension
