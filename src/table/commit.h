// SPDX-License-Identifier: Apache-2.0
// The one way to commit, over several tables: newest base → validate → apply → publish, again when
// only the pointer moved.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/publisher.h"
#include "iceberg/commit/change_set.h"
#include "iceberg/commit/commit.h"
#include "table/table_context.h"
#include "table/writer.h"

namespace tarn::table {

/// What a writer wants of one table. A plain value.
struct TableChange {
  catalog::TableName table;
  /// Identity that the writer knows: another UUID under the name is Conflict.
  Uuid table_uuid;
  iceberg::ChangeSet changes;
  iceberg::SnapshotId snapshot_id;  ///< that the manifests of `changes` carry
};

/// commit.retry.* of the tables override these.
struct RetryPolicy {
  int32_t retries = 4;
  int64_t min_wait_ms = 100;
  int64_t max_wait_ms = 60'000;
  int64_t total_timeout_ms = 1'800'000;
};

/// Publishes all changes or none, and returns the tables' new states in order.
/// - Success: committed and durable.
/// - Conflict: certainly not committed, because what came between contradicts a change (see
///   ChangeSet::validation), or the retries ran out. The files that this call wrote are removed;
///   those of the change itself are the writer's, who reads again and retries, or gives up.
/// - CommitStateUnknown: looked (commit.status-check.*) and still does not know. Nothing is
///   deleted; the journal keeps the writer open.
/// - Other errors: certainly not committed.
Result<std::vector<iceberg::LoadedTable>> CommitTables(TableContext& context,
                                                       catalog::Publisher& publisher,
                                                       const Writer& writer,
                                                       std::span<const TableChange> changes,
                                                       const RetryPolicy& retry = {});

}  // namespace tarn::table
