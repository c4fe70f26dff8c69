// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/worker_pool.h"
#include "engine/engine.h"
#include "iceberg/commit/commit.h"
#include "iceberg/manifests/manifest_cache.h"
#include "storage/storage.h"

namespace tarn {
class MemoryBudget;
}

namespace tarn::table {

class Journal;
class PinnedSnapshots;
class TableCache;

/// What everything in this module works with. Every member is thread-safe and outlives the work.
struct TableContext {
  storage::Storage* storage = nullptr;
  engine::Engine* engine = nullptr;
  iceberg::ManifestCache* manifests = nullptr;
  TableCache* tables = nullptr;
  Journal* journal = nullptr;
  PinnedSnapshots* pins = nullptr;  ///< null: nobody pins
  WorkerPool* workers = nullptr;    ///< waits for storage; null: the caller's thread does
  MemoryBudget* memory = nullptr;   ///< of the process; null: only the engine's limit counts
  iceberg::CommitPolicy policy;
};

/// `policy`, with what is pinned of one table now.
iceberg::CommitPolicy PolicyFor(const TableContext& context, const std::string& table_location);

/// For work in the name of `writer`, which may be nil where nothing is written.
iceberg::CommitContext MakeCommitContext(const TableContext& context, const Uuid& writer);

}  // namespace tarn::table
