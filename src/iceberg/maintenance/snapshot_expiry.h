// SPDX-License-Identifier: Apache-2.0
// Which snapshots a table keeps (spec, "Snapshot Retention Policy").
#pragma once

#include <cstdint>
#include <vector>

#include "iceberg/commit/commit.h"
#include "iceberg/model/table_metadata.h"
#include "iceberg/update/metadata_update.h"

namespace tarn::iceberg {

/// What the policy does not keep of `metadata` at the time `now_ms`, as removals of references and
/// snapshots:
/// - a reference other than main goes when its head is older than its maximum age;
/// - the head of every reference stays, and so does what is pinned;
/// - of a branch, the newest ancestors stay up to the minimum count, and older ones until their
/// maximum age
///   has passed, but beyond the policy's maximum count regardless of age, unless the table or the
///   branch states an age;
/// - a snapshot that no reference reaches stays until the maximum age has passed.
/// What is asked for (CommitPolicy::asked_expiry) goes over the properties and the counts here.
/// Nothing expires where `gc.enabled` is false. Properties of the table (history.expire.*) and of
/// the references override the policy.
std::vector<MetadataUpdate> ExpiryUpdates(const TableMetadata& metadata, const CommitPolicy& policy,
                                          int64_t now_ms);

}  // namespace tarn::iceberg
