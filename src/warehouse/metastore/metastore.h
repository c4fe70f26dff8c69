// SPDX-License-Identifier: Apache-2.0
// The durable account of the warehouse: one SQLite file, written by one thread at a time, read by
// many, each at a moment of its own (docs/internals/warehouse.md, "Objects").
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/uuid.h"
#include "warehouse/metastore/transaction.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

class Metastore;

/// A moment for reading. Keep it while a statement is bound, until its tables are pinned, and not
/// while it runs: an old moment keeps the file's log from being folded in, and files from being
/// collected. Must not outlive the metastore.
class ReadSnapshot final : public Snapshot {
 public:
  ReadSnapshot(Metastore* metastore, std::unique_ptr<Connection> connection, int64_t version,
               int64_t role_version, int64_t registered, int64_t now_ms);
  ~ReadSnapshot() override;
  Result<std::shared_ptr<const RoleGraph>> Roles() const override;
  /// While it lives, OldestRead is no newer than this moment: for whoever reads on in files after
  /// the moment is over. Must not outlive the metastore.
  std::shared_ptr<const void> HoldFiles() const;

 private:
  Metastore* metastore_;
  std::unique_ptr<Connection> owned_;
  int64_t role_version_;
  int64_t registered_;  ///< as an open moment of this version or a later one
};

/// Thread-safe. One process has the file open at a time.
class Metastore {
 public:
  struct Options {
    std::string path;
    const Clock* clock = nullptr;  ///< outlives the metastore
  };
  /// Makes an account where there is no file: system roles, user ADMIN without a password,
  /// warehouse COMPUTE_WH. Unavailable while another process has it, Unsupported if a newer program
  /// wrote it, Corruption if it cannot be read.
  static Result<std::unique_ptr<Metastore>> Open(const Options& options);
  ~Metastore();

  Result<std::unique_ptr<ReadSnapshot>> Read();

  using Change = std::function<StatementResult<>(Transaction&)>;
  /// Runs `change` in a transaction: after its success everything is durable and whoever waits is
  /// woken, after its failure nothing happened. Waits for its turn. `change` must not call Commit.
  /// CommitStateUnknown: the disk failed, and nobody can say.
  StatementResult<> Commit(const Change& change);
  /// The same for bookkeeping that nobody waits for (values of sequences, history): the version
  /// stays.
  StatementResult<> CommitQuietly(const Change& change);

  /// Of the newest state.
  int64_t version() const;
  /// Waits until the version is beyond `seen`, or for `at_most`. True: it is.
  bool WaitForChange(int64_t seen, std::chrono::milliseconds at_most) const;
  /// `callback` is told of every later version, from the thread that made it, with nothing locked;
  /// it must be quick. Returns what Unsubscribe takes; a call may still be on its way after that.
  int64_t Subscribe(std::function<void(int64_t version)> callback);
  void Unsubscribe(int64_t subscription);

  /// Version of the oldest moment that somebody reads or holds, or the newest state's.
  int64_t OldestRead() const;
  /// Of this opening; others had others.
  const Uuid& incarnation() const { return incarnation_; }
  const Clock& clock() const { return *clock_; }

 private:
  friend class ReadSnapshot;
  Metastore(const Options& options, int lock_file)
      : path_(options.path), clock_(options.clock), lock_file_(lock_file) {}
  StatementResult<> Commit(const Change& change, bool quietly);
  StatementResult<> CommitLocked(const Change& change, bool quietly, int64_t& version);
  Result<> End();
  void Announce(int64_t version);
  Result<std::unique_ptr<ReadSnapshot>> BeginRead(std::unique_ptr<Connection>& connection,
                                                  int64_t at_least);
  void GiveBack(std::unique_ptr<Connection> connection, int64_t registered);
  Result<std::shared_ptr<const RoleGraph>> RolesAt(Connection& connection, int64_t role_version);

  const std::string path_;
  const Clock* const clock_;
  const int lock_file_;
  const Uuid incarnation_ = Uuid::Random();

  std::mutex writer_mutex_;
  std::unique_ptr<Connection> writer_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  int64_t version_ = 0;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::multiset<int64_t> reads_;  ///< versions of moments that are open or held
  std::map<int64_t, std::function<void(int64_t)>> subscribers_;
  int64_t next_subscription_ = 1;
  std::shared_ptr<const RoleGraph> roles_;
  int64_t roles_version_ = -1;
};

}  // namespace tarn::warehouse
