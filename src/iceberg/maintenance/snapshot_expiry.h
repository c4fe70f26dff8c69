// SPDX-License-Identifier: Apache-2.0
// Which snapshots a table keeps (spec, "Snapshot Retention Policy").
#pragma once

#include <cstdint>
#include <vector>

#include "iceberg/commit/commit.h"
#include "iceberg/model/snapshot.h"
#include "iceberg/model/table_metadata.h"

namespace tarn::iceberg {

struct ExpiredHistory {
  std::vector<SnapshotId> snapshots;
  std::vector<std::string> manifest_lists;
  std::vector<std::string> statistics_files;
};

/// Removes from `metadata` what the policy does not keep, at the time `now_ms`:
/// - a reference other than main goes when its head is older than its maximum age;
/// - the head of every reference stays, and so does what is pinned;
/// - of a branch, the newest ancestors stay up to the minimum count, and older ones until their
/// maximum age
///   has passed, but beyond the policy's maximum count regardless of age, unless the table or the
///   branch states an age;
/// - a snapshot that no reference reaches stays until the maximum age has passed;
/// - log entries up to an expired snapshot's go, and statistics of expired snapshots.
/// Nothing expires where `gc.enabled` is false. Properties of the table (history.expire.*) and of
/// the references override the policy.
ExpiredHistory ExpireSnapshots(TableMetadata& metadata, const CommitPolicy& policy, int64_t now_ms);

/// A property as a number; `fallback` when it is absent or no number.
int64_t NumberProperty(const TableMetadata& metadata, const char* name, int64_t fallback);

}  // namespace tarn::iceberg
