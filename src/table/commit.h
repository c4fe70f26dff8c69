// SPDX-License-Identifier: Apache-2.0
// The one way to commit, over several tables: newest base → validate → apply → publish, again when
// only the pointer moved.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "catalog/publisher.h"
#include "iceberg/commit/change_set.h"
#include "iceberg/commit/commit.h"
#include "iceberg/update/table_requirement.h"
#include "table/table_context.h"
#include "table/writer.h"

namespace tarn::table {

/// What a writer wants of one table. A plain value.
struct TableChange {
  catalog::TableName table;
  /// Identity that the writer knows: another UUID under the name is Conflict. Nil: any.
  Uuid table_uuid;
  /// The first metadata of a table that does not exist yet (NewTableMetadata); AlreadyExists where
  /// it does. Null: the table exists.
  std::shared_ptr<const iceberg::TableMetadata> created;
  /// Must hold of every newest state that the change is applied to, in order: Conflict in the words
  /// that clients of REST catalogs compare, and never tried again.
  std::vector<iceberg::TableRequirement> requirements;
  iceberg::ChangeSet changes;
  iceberg::SnapshotId snapshot_id;  ///< that the manifests of `changes` carry
};

/// How often and how long to try; waits double, with a random part. Properties of the first table
/// that states them override the defaults here (commit.retry.*, commit.status-check.*).
struct RetryPolicy {
  int32_t retries = 4;
  int64_t min_wait_ms = 100;
  int64_t max_wait_ms = 60'000;
  int64_t total_timeout_ms = 1'800'000;
};

struct CommitOptions {
  RetryPolicy retry;
  RetryPolicy status_check{.retries = 3, .min_wait_ms = 1000};
  /// Told of each table's new state before its metadata file appears, in every attempt: to record
  /// what the commit dereferences. A failure ends the commit. May be null.
  std::function<Result<>(const TableChange&, const iceberg::PreparedTable&)> before_appearing;
};

/// Publishes all changes or none, and returns the tables' new states in order. A table stands in
/// one change only (InvalidArgument).
/// - Success: committed and durable. Changes that change nothing publish nothing.
/// - Conflict: certainly not committed, because what came between contradicts a change (see
///   ChangeSet::validation), or the retries ran out. The files that this call wrote are removed;
///   those of the change itself are the writer's, who reads again and retries, or gives up.
/// - AlreadyExists: the table to be created exists, or the snapshot does: this very commit took
///   place earlier.
/// - CommitStateUnknown: looked for the snapshots in the newest history (commit.status-check.*) and
///   still does not know. Nothing is deleted; whoever keeps the writer's fate keeps it open.
/// - Other errors: certainly not committed.
/// Names of its files carry the writer's id. Thread-safe.
Result<std::vector<iceberg::LoadedTable>> CommitTables(const TableContext& context,
                                                       catalog::Publisher& publisher,
                                                       const Writer& writer,
                                                       std::span<const TableChange> changes,
                                                       const CommitOptions& options = {});

}  // namespace tarn::table
