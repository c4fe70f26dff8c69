// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/worker_pool.h"
#include "engine/engine.h"
#include "iceberg/commit/commit.h"
#include "iceberg/manifests/manifest_cache.h"
#include "lake/journal.h"
#include "lake/limits.h"
#include "lake/table_cache.h"
#include "storage/storage.h"

namespace tarn::lake {

/// What all sessions share. Every member is thread-safe and outlives the sessions.
struct LakeContext {
  storage::Storage* storage = nullptr;
  engine::Engine* engine = nullptr;
  iceberg::ManifestCache* manifests = nullptr;
  TableCache* tables = nullptr;
  Journal* journal = nullptr;
  WorkerPool* workers = nullptr;  ///< waits for storage; null: the sessions' threads do
  LakeLimits limits;
  iceberg::CommitPolicy policy;
};

/// Who is at the other end of a session, as its Hello said.
struct SessionPeer {
  uint32_t database_oid = 0;
  int32_t backend_pid = 0;
  uint64_t system_identifier = 0;
  uint32_t timeline = 0;
};

iceberg::CommitContext MakeCommitContext(const LakeContext& lake, const Uuid& transaction);

}  // namespace tarn::lake
