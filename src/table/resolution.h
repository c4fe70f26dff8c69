// SPDX-License-Identifier: Apache-2.0
// Writers whose end nobody reported: what happens when their fate is known
// (docs/internals/commit-protocol.md, "When a process dies").
#pragma once

#include "base/result.h"
#include "table/file_removal.h"
#include "table/table_context.h"
#include "table/writer.h"

namespace tarn::table {

/// Asks for the fate of the issuer's writers whose end is not proven. Aborted: every file that
/// carries its id goes, and a location that it claimed is free again. Committed: those of its files
/// that the table's metadata does not reach go, unless it did that itself before it told its end.
/// Committed writers of one table are settled in the order of their commits: one whose end is not
/// known yet keeps back those after it, since what they left must not be collected before its own.
/// Goes on after a failure; the first is returned, and its writer stays open.
Result<> SettleWriters(const TableContext& context, WriterFates& fates, const MayGoOn& may_go_on);

}  // namespace tarn::table
