// SPDX-License-Identifier: Apache-2.0
#include "capture/flusher.h"

#include <algorithm>

#include "base/clock.h"
#include "capture/apply/announcement.h"
#include "capture/apply/index_build.h"
#include "capture/apply/table_flush.h"

namespace tarn::capture {
namespace {

constexpr int kAttempts = 10;
constexpr int64_t kMicros = 1000;

struct Prepared {
  Replica* replica = nullptr;
  PreparedFlush flush;
};

/// The table's newest state, and where its rows are.
Result<> Renew(Destination& destination, Replica& replica) {
  TARN_ASSIGN(replica.base, destination.Find(replica.name()));
  if (!replica.base) {
    return std::unexpected(Error{ErrorKind::kNotFound,
                                 fmt::format("the destination of \"{}.{}\" is gone",
                                             replica.name().schema, replica.name().table),
                                 {},
                                 "Remove the table and add it again."});
  }
  TARN_ASSIGN(replica.index, BuildIndex(destination.tables(), *replica.layout, replica.base->table,
                                        replica.buffer->hasher()));
  replica.index_stale = false;
  return {};
}

Result<PreparedFlush> PrepareOne(Destination& destination, Replica& replica,
                                 const table::Writer& writer, Lsn position) {
  if (replica.index_stale) TARN_TRY(Renew(destination, replica));
  TARN_TRY(Announce(destination.tables(), writer, replica.base->table));
  TableProgress progress = replica.progress;
  progress.position = std::max(progress.position, position);
  auto prepared = PrepareFlush({.context = &destination.tables(),
                                .writer = writer,
                                .base = &*replica.base,
                                .buffer = &*replica.buffer,
                                .index = &replica.index,
                                .progress = std::move(progress),
                                .now_us = NowMs() * kMicros});
  // A file that somebody else has rewritten may be gone.
  if (!prepared && prepared.error().kind == ErrorKind::kNotFound) {
    prepared.error().kind = ErrorKind::kConflict;
  }
  return prepared;
}

void TakeOver(Prepared& prepared, iceberg::LoadedTable committed, Lsn position) {
  Replica& replica = *prepared.replica;
  if (FollowsAlone(*replica.base->table.metadata, *committed.metadata)) {
    Follow(prepared.flush, replica.index);
  } else {
    replica.index_stale = true;
  }
  const AppliedChanges& applied = prepared.flush.applied;
  replica.rows_inserted += applied.inserted;
  replica.rows_updated += applied.updated;
  replica.rows_deleted += applied.deleted;
  replica.last_commit_ms = NowMs();
  replica.rate.Add(applied.inserted + applied.updated + applied.deleted, replica.last_commit_ms);
  replica.oldest.reset();
  replica.base->table = std::move(committed);
  replica.progress.position = std::max(replica.progress.position, position);
  replica.buffer->Clear();
}

class Attempt {
 public:
  Attempt(Destination& destination, Lsn position, const FlushTimes& times)
      : destination_(destination),
        position_(position),
        times_(times),
        writer_(destination.BeginWriter()) {}
  ~Attempt() {
    if (!unknown_) destination_.EndWriter(writer_);
  }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  /// kConflict: all of it again.
  Result<> Run(std::span<Replica* const> replicas, std::vector<FlushFailure>& failures) {
    const int64_t began_ms = NowMs();
    for (Replica* const replica : replicas) {
      auto flush = PrepareOne(destination_, *replica, writer_, position_);
      if (flush) {
        prepared_.push_back({replica, *std::move(flush)});
      } else if (IsPassing(flush.error())) {
        if (flush.error().kind == ErrorKind::kConflict) replica->index_stale = true;
        return std::unexpected(std::move(flush).error());
      } else {
        failures.push_back({replica, std::move(flush).error()});
      }
    }
    return Commit(began_ms);
  }

 private:
  Result<> Commit(int64_t began_ms) {
    std::vector<table::TableChange> changes;
    std::vector<AppliedChanges> applied;
    for (Prepared& each : prepared_) {
      each.flush.applied.first_read_ms = times_.first_read_ms;
      each.flush.applied.read_ms = times_.read_ms;
      each.flush.applied.applied_ms = NowMs() - began_ms;
      changes.push_back(std::move(each.flush.change));
      applied.push_back(each.flush.applied);
    }
    if (changes.empty()) return {};
    auto committed = destination_.Commit(writer_, changes, applied);
    if (!committed) {
      unknown_ = committed.error().kind == ErrorKind::kCommitStateUnknown;
      if (committed.error().kind == ErrorKind::kConflict) {
        for (const Prepared& each : prepared_) each.replica->index_stale = true;
      }
      return std::unexpected(std::move(committed).error());
    }
    for (size_t i = 0; i < prepared_.size(); ++i) {
      TakeOver(prepared_[i], std::move((*committed)[i]), position_);
    }
    return {};
  }

  Destination& destination_;
  const Lsn position_;
  const FlushTimes& times_;
  const table::Writer writer_;
  bool unknown_ = false;
  std::vector<Prepared> prepared_;
};

}  // namespace

Result<std::vector<FlushFailure>> Flush(Destination& destination,
                                        std::span<Replica* const> replicas, Lsn position,
                                        const FlushTimes& times) {
  std::vector<Replica*> left;
  for (Replica* const replica : replicas) {
    if (!replica->buffer->empty()) left.push_back(replica);
  }
  std::vector<FlushFailure> failures;
  for (int attempt = 0; !left.empty(); ++attempt) {
    std::vector<FlushFailure> failed;
    auto done = Attempt(destination, position, times).Run(left, failed);
    for (FlushFailure& each : failed) {
      std::erase(left, each.replica);
      failures.push_back(std::move(each));
    }
    if (done) break;
    if (done.error().kind != ErrorKind::kConflict || attempt + 1 == kAttempts) {
      return std::unexpected(std::move(done).error());
    }
  }
  return failures;
}

}  // namespace tarn::capture
