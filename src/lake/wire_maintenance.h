// SPDX-License-Identifier: Apache-2.0
// Messages about the engine's state and the upkeep of tables (lake/wire.h has the conversation).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lake/wire.h"

namespace tarn::lake {

/// One consumer of the engine's memory budget, or all of them together. Bytes.
struct MemoryConsumer {
  std::string name;
  int64_t used_bytes = 0;
  int64_t peak_bytes = 0;
  int64_t share_bytes = 0;
  int64_t refusals = 0;  ///< how often it did not get what it asked for, and made do with less
  template <typename A>
  void Visit(A& a) {
    a(name), a(used_bytes), a(peak_bytes), a(share_bytes), a(refusals);
  }
};

/// The consumers by name, then "all" with the limit as its share.
struct MemoryUsed {
  std::vector<MemoryConsumer> consumers;
  template <typename A>
  void Visit(A& a) {
    a(consumers);
  }
};

/// What is worth a rewrite depends on how a table is used.
enum class CompactionPass : uint8_t {
  kSteady = 1,  ///< commits follow one another: files grow by steps, a row is seldom written again
  kSettle = 2,  ///< they have ceased: what is small becomes one file
  kExpire = 3,  ///< nothing is rewritten, old snapshots go
  kWhole = 4,   ///< somebody asks for it: all that is too small or has too many deletes
};

/// Asks for the tables to look at. `database_oid` 0: of all databases.
struct CompactionsDue {
  uint32_t database_oid = 0;
  int64_t nap_ms = 0;
  std::vector<uint32_t> gone;  ///< databases that are not there any more
  template <typename A>
  void Visit(A& a) {
    a(database_oid), a(nap_ms), a(gone);
  }
};

struct DueDatabase {
  uint32_t database_oid = 0;
  std::vector<uint32_t> tables;
  template <typename A>
  void Visit(A& a) {
    a(database_oid), a(tables);
  }
};

struct DueDatabases {
  std::vector<DueDatabase> databases;
  template <typename A>
  void Visit(A& a) {
    a(databases);
  }
};

/// Bounds of one rewrite; what is not set is the engine's choice.
struct RewriteLimits {
  int64_t max_bytes = 0;        ///< of files that become one commit
  int32_t min_input_files = 0;  ///< so few files are not worth it
  int64_t nap_ms = 0;           ///< first pause after a failure
  template <typename A>
  void Visit(A& a) {
    a(max_bytes), a(min_input_files), a(nap_ms);
  }
};

struct TableState {
  uint32_t table_oid = 0;
  std::string metadata_location;
  RewriteLimits limits;
  template <typename A>
  void Visit(A& a) {
    a(table_oid), a(metadata_location), a(limits);
  }
};

/// Which of the session's database's tables are worth a rewrite. Reads metadata and manifests, and
/// where the summary of the newest snapshot tells enough, not even these.
struct FindRewrites {
  std::vector<TableState> tables;
  std::vector<uint32_t> excluded;  ///< not to be looked at until somebody writes to them again
  template <typename A>
  void Visit(A& a) {
    a(tables), a(excluded);
  }
};

struct FoundRewrite {
  uint32_t table_oid = 0;
  CompactionPass pass = CompactionPass::kSteady;
  int64_t files = 0, bytes = 0;  ///< of the first group
  template <typename A>
  void Visit(A& a) {
    a(table_oid), a(pass), a(files), a(bytes);
  }
};

struct FoundRewrites {
  std::vector<FoundRewrite> tables;
  template <typename A>
  void Visit(A& a) {
    a(tables);
  }
};

/// In place of Prepare: the rewrite becomes the transaction's change of the table, to be committed
/// by Commit like any other. One for a transaction.
struct Rewrite {
  TransactionKey transaction;
  TablePlace place;
  std::string base_metadata_location;  ///< newest committed, as far as known
  CompactionPass pass = CompactionPass::kSteady;
  RewriteLimits limits;
  template <typename A>
  void Visit(A& a) {
    a(transaction), a(place), a(base_metadata_location), a(pass), a(limits);
  }
};

struct RewriteOutcome {
  bool changes = false;  ///< false: there was nothing to do, and nothing is to be committed
  int64_t rewritten_files = 0, rewritten_bytes = 0;
  int64_t added_files = 0, added_bytes = 0;
  int64_t merged_manifests = 0;  ///< that may become fewer
  int64_t expired_snapshots = 0;
  bool more = false;  ///< further files are worth it
  std::string error;  ///< of one that failed; not in an answer
  template <typename A>
  void Visit(A& a) {
    a(changes), a(rewritten_files), a(rewritten_bytes), a(added_files), a(added_bytes),
        a(merged_manifests), a(expired_snapshots), a(more);
  }
};

/// What compaction does and did to a table since the engine started. Times are milliseconds since
/// 1970, 0 for never.
struct CompactionState {
  uint32_t table_oid = 0;
  int32_t backend_pid = 0;  ///< who works at it; 0: nobody
  int64_t started_ms = 0;   ///< the last rewrite
  int64_t ended_ms = 0;
  int64_t total_files = 0, total_bytes = 0, done_bytes = 0;  ///< of it
  int64_t rewrites = 0, failures = 0;
  int64_t rewritten_files = 0, rewritten_bytes = 0, added_files = 0, added_bytes = 0;
  std::string error;  ///< of the last one, if it failed
  template <typename A>
  void Visit(A& a) {
    a(table_oid), a(backend_pid), a(started_ms), a(ended_ms), a(total_files), a(total_bytes),
        a(done_bytes), a(rewrites), a(failures), a(rewritten_files), a(rewritten_bytes),
        a(added_files), a(added_bytes), a(error);
  }
};

/// Of the session's database.
struct CompactionStates {
  std::vector<CompactionState> tables;
  template <typename A>
  void Visit(A& a) {
    a(tables);
  }
};

}  // namespace tarn::lake
