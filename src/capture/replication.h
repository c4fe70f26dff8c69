// SPDX-License-Identifier: Apache-2.0
// One connection's life: from the slot to the first thing that goes wrong.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "capture/capture.h"
#include "capture/copier.h"
#include "capture/destination.h"
#include "capture/flusher.h"
#include "capture/replica.h"
#include "capture/source/pgoutput.h"
#include "capture/source/replication_stream.h"
#include "capture/source/slot.h"
#include "capture/source/source_connection.h"
#include "capture/source/table_versions.h"

namespace tarn::capture {

/// Tables by name. Replicas stay where they are.
using Replicas = std::map<SourceName, std::unique_ptr<Replica>>;

/// Those whose first copy is not committed, and has not failed.
int64_t CountCopying(const Replicas& replicas);

/// Of the source's log, from there to its end as last heard of.
int64_t LagBytes(const CaptureStatus& status, Lsn since);

/// What others may see of it, from other threads.
class StatusBoard {
 public:
  CaptureStatus Read() const;
  template <typename Change>
  void Update(Change&& change) {
    {
      const std::scoped_lock lock(mutex_);
      change(status_);
    }
    changed_.notify_all();
  }
  /// False after `patience`.
  bool WaitUntil(std::chrono::milliseconds patience,
                 const std::function<bool(const CaptureStatus&)>& is_met);

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  CaptureStatus status_;
};

/// Used by one thread.
class Replication {
 public:
  Replication(const CaptureOptions& options, Destination& destination, Replicas& replicas,
              StatusBoard& board);

  /// Finds the slot, or makes it, and looks what every table has. Errors are of the source as a
  /// whole; those of one table are its own.
  Result<> Begin();
  /// Takes what comes within `wait` and does what is due. An error ends the replication: begin
  /// anew.
  Result<> Step(std::chrono::milliseconds wait);
  /// A table was added.
  void Admit(Replica& replica);
  /// A table is about to be removed: nothing is written to it any more.
  void Dismiss(Replica& replica);
  /// Looks what the source did to its tables; an error ends the next Step, too.
  Result<> LookNow();

 private:
  using Moment = std::chrono::steady_clock::time_point;
  /// A relation of the stream, and what it is here. The server describes it once, whether or not
  /// it is replicated yet.
  struct Route {
    RelationOid oid;
    SourceName name;
    Description described;
    bool bound = false;  ///< what follows is known
    Replica* replica = nullptr;
    ChangeBuffer::Columns columns;
  };

  Result<> OpenSlot();
  /// The slot is of an earlier timeline of this server: whether it came along.
  Result<bool> SurvivedFailover(const SlotState& slot);
  Result<SourceConnection*> Catalogs();
  void Introspect(Replica& replica);

  // --- What the stream does not tell (replication_watch.cc) ---
  /// Once per interval: all tables, and the slot.
  Result<> Watch();
  /// Looks what the catalogs say of these tables, and does what follows.
  Result<> Look(std::span<Replica* const> replicas);
  Result<> Judge(Replica& replica, const TableSighting& seen);
  Result<> JudgeSeen(Replica& replica, const TableVersion& seen);
  Result<> CopyAgain(Replica& replica, const std::string& why);
  /// The source has it no more, or does not send it.
  Result<> Miss(Replica& replica, const TableSighting& seen);
  /// A table that failed to be introspected: whether it was replicated before, and is missed now.
  Result<bool> IsMissed(Replica& replica);
  /// Looks until the catalogs have what the stream describes: a commit is sent a moment before it
  /// is seen by others.
  Result<> AwaitDescription(Replica& replica, const Description& described);
  void Unbind(const Replica& replica);
  void WatchSlot(SourceConnection& catalogs);
  /// The stream ended with this.
  std::unexpected<Error> EndOfStream(Error error);
  void StartCopy(Replica& replica);
  Result<> TakeCopies();
  Result<> TakeCopy(Replica& replica, CopyResult& result);
  void RetryDue();
  void Fail(Replica& replica, Error error);
  /// What waits for it, and where its rows are.
  void Forget(Replica& replica);
  void Report(Replica& replica, std::optional<Error> error = std::nullopt);

  Result<> Handle(const StreamItem& item);
  Result<> Handle(const pgoutput::Message& message);
  void Follow(const pgoutput::Relation& relation);
  Result<> Bind(Route& route);
  Result<> BindTo(Replica& replica, Route& route);
  /// A change of a table; what it fails with is the table's, as far as it does not pass.
  Result<> Apply(RelationOid relation, const pgoutput::Message& message);
  Result<> Replay(Replica& replica);
  void SetPending();
  bool IsFlushDue() const;
  Result<> FlushIfDue(bool idle);
  Result<> FlushNow();
  Result<> FailFlush(FlushFailure& failure);
  /// Where nothing waits: merges small files of one table.
  Result<> Tidy();
  /// Everything before `sent` has come; it is acknowledged where nothing of it waits.
  Result<> Acknowledge(Lsn sent);
  Result<> AcknowledgeDurable();
  void ShowPosition();
  /// A few times a second, what others may see (replication_status.cc). `idle`: all that the source
  /// has sent is handled.
  void ShowProgress(bool idle);
  TableStatus StatusOf(Replica& replica, int64_t now_ms) const;

  const CaptureOptions& options_;
  Destination& destination_;
  Replicas& replicas_;
  StatusBoard& board_;

  StreamIdentity identity_;
  std::unique_ptr<SourceConnection> catalogs_;
  std::unique_ptr<Copier> copier_;
  pgoutput::Decoder decoder_;
  std::map<RelationOid, Route> routes_;
  const std::vector<char>* payload_ = nullptr;  ///< of the message at hand
  bool in_transaction_ = false;
  Lsn commit_lsn_;  ///< of the transaction that is coming in
  Lsn last_end_;    ///< of the last whole transaction
  Lsn durable_;
  /// Where changes begin that wait for a first copy.
  std::map<SourceName, Lsn> holds_;
  SlotRecord record_;
  Moment last_saved_{};
  int64_t pending_bytes_ = 0;
  std::optional<Moment> pending_since_;
  int64_t first_read_ms_ = 0;
  Moment last_flush_{};
  std::chrono::steady_clock::duration flush_took_{};
  int64_t shown_copying_ = -1;
  Moment last_shown_{};
  int64_t committed_ms_ = 0;  ///< of the transaction that is coming in, or came last
  int64_t oldest_ms_ = 0;     ///< of the first transaction that waits
  Moment last_look_{};
  Result<> looked_;
  int64_t looks_ = 0;
  bool warned_of_slot_ = false;
  Moment last_tidy_{};
  SourceName last_tidied_;  ///< they take turns
  /// Last, so that it goes first.
  std::unique_ptr<ReplicationStream> stream_;
};

}  // namespace tarn::capture
