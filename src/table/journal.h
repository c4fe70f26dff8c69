// SPDX-License-Identifier: Apache-2.0
// What a process must not forget when it dies: which writers may have made files where, and which
// files go when a writer commits.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "table/journal_record.h"

namespace tarn::table {

/// All that is known of one writer whose end is not proven.
struct JournalEntry {
  Writer writer;
  std::vector<JournalledLocation> locations;
  std::vector<DroppedLocation> dropped;
  std::vector<ExpiredFiles> expired;
  /// When it was told to have committed; absent: nobody told its end. No proof.
  std::optional<int64_t> committed_ms;
  /// Nothing that it wrote is superfluous if it commits.
  bool tidy = false;
};

/// An append-only file. Thread-safe: concurrent appends share one sync.
class Journal {
 public:
  /// Reads `<directory>/log` (the directory is made if it is missing), drops a torn tail, and
  /// compacts. Where the directory is a copy of another node's, its log is set aside as
  /// `log.<node>` first. Fails, and replaces nothing, if a file that is there cannot be read.
  static Result<std::unique_ptr<Journal>> Open(const std::string& directory);
  ~Journal();

  const Uuid& node() const { return node_; }

  /// Durable at return; nothing happens if it is known already.
  Result<> AddLocation(const Writer& writer, const std::string& location, bool create);
  Result<> AddDropped(const Writer& writer, std::vector<DroppedLocation> dropped);
  Result<> AddExpired(const Writer& writer, std::vector<ExpiredFiles> expired);

  /// The writer is said to have committed. Not written down: its issuer may answer before its own
  /// log is on disk, and after a crash it must be asked again. Settle takes the proof.
  void Commit(const Uuid& writer, int64_t now_ms);
  /// The writer has removed what a commit would leave over. Not written down.
  void MarkTidy(const Uuid& writer);
  /// Nothing is left to do for the writer. Not synced.
  Result<> Forget(const Uuid& writer);
  /// These writers, of one issuer, have committed for certain. What they leave to delete becomes
  /// one batch, which waits for `mark`; they are forgotten. Not synced.
  Result<> Settle(const std::vector<Uuid>& writers, const std::string& issuer,
                  const std::string& mark, int64_t now_ms);

  /// Writers whose end is not proven, in no promised order.
  std::vector<JournalEntry> Entries() const;
  std::optional<JournalEntry> Find(const Uuid& writer) const;

  using Batches = std::vector<std::shared_ptr<const GarbageBatch>>;
  Batches Garbage() const;
  /// What is left of a batch; nothing forgets it. Not synced.
  Result<> ReplaceGarbage(const Uuid& id, std::optional<GarbageBatch> rest);

 private:
  Journal(std::string directory, Uuid node, int lock_file);
  Result<> Replay();
  void Apply(const JournalRecord& record);
  Result<> Compact();
  Result<> Repair();
  Result<> CompactIfLarge(std::unique_lock<std::mutex>& lock);
  /// Buffers lines; `sync` waits until they are on disk. REQUIRES: the lock.
  Result<> Write(std::unique_lock<std::mutex>& lock, const std::string& lines, bool sync);

  const std::string directory_;
  const Uuid node_;
  const int lock_file_;
  mutable std::mutex mutex_;
  std::condition_variable synced_;
  std::map<Uuid, JournalEntry> open_;
  std::map<Uuid, std::shared_ptr<const GarbageBatch>> garbage_;
  int file_ = -1;
  std::string buffer_;     ///< not yet in the file
  uint64_t appended_ = 0;  ///< bytes ever given to Write
  uint64_t durable_ = 0;   ///< of these, on disk
  uint64_t file_bytes_ = 0;
  uint64_t compact_at_bytes_ = 0;
  bool writing_ = false;         ///< somebody is at it, without the lock
  std::optional<Error> broken_;  ///< a write or sync failed; the next call starts a new file
};

}  // namespace tarn::table
