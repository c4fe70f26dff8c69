// SPDX-License-Identifier: Apache-2.0
#include "table/table_context.h"

#include "base/clock.h"

namespace tarn::table {

iceberg::CommitContext MakeCommitContext(const TableContext& context, const Uuid& writer) {
  return {.storage = context.storage,
          .cache = context.manifests,
          .transaction = writer,
          .now_ms = NowMs(),
          .workers = context.workers};
}

}  // namespace tarn::table
