// SPDX-License-Identifier: Apache-2.0
#include "table/table_context.h"

#include "base/clock.h"
#include "table/pins.h"

namespace tarn::table {

iceberg::CommitContext MakeCommitContext(const TableContext& context, const Uuid& writer) {
  return {.storage = context.storage,
          .cache = context.manifests,
          .transaction = writer,
          .now_ms = NowMs(),
          .workers = context.workers};
}

iceberg::CommitPolicy PolicyFor(const TableContext& context, const std::string& table_location) {
  iceberg::CommitPolicy policy = context.policy;
  if (context.pins != nullptr) policy.is_pinned = context.pins->Of(table_location, NowMs());
  return policy;
}

}  // namespace tarn::table
