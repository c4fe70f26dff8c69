// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "iceberg/commit/commit.h"
#include "table/journal.h"
#include "table/table_context.h"
#include "table/writer.h"

namespace tarn::capture {

/// Before the first file of the writer appears in the table's place: the journal knows of it, so
/// that a crash leaves nothing that nobody finds.
inline Result<> Announce(const table::TableContext& context, const table::Writer& writer,
                         const iceberg::LoadedTable& table) {
  if (context.journal == nullptr) return {};
  return context.journal->AddLocation(writer, table.metadata->location, false);
}

}  // namespace tarn::capture
