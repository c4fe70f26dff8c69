// SPDX-License-Identifier: Apache-2.0
// What ran in a session: ids for LAST_QUERY_ID, results for RESULT_SCAN, records for QUERY_HISTORY.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"
#include "warehouse/metastore/query_history.h"
#include "warehouse/session.h"
#include "warehouse/session/stored_result.h"

namespace tarn::warehouse {

struct SessionState;

/// Results beyond this are not kept, and of a session no more than the second together.
inline constexpr int64_t kKeptResultBytesMax = int64_t{8} << 20;
inline constexpr int64_t kKeptBytesMax = int64_t{32} << 20;

/// Statements of one session in the order in which they began, those within others too. Used by the
/// session's thread; streams that it follows must not outlive it.
class StatementLog {
 public:
  /// Both outlive it.
  StatementLog(QueryHistory* history, const Clock* clock) : history_(history), clock_(clock) {}

  /// The id of the statement that begins next.
  void NameNext(const Uuid& id) { next_id_ = id; }
  /// A statement begins. Secrets in its text are made unreadable.
  Uuid Begin(const SessionState& session, std::string command, std::string_view text);
  /// It failed before it gave a stream.
  void Fail(const Uuid& id, const StatementError& error);
  /// The same stream, whose end ends the statement. It has `id` as its query id.
  std::unique_ptr<ResultStream> Follow(const Uuid& id, std::unique_ptr<ResultStream> stream);

  /// Of the statement that began last: of whoever asks while it runs. REQUIRES: one has begun.
  const Uuid& latest() const { return entries_.back().id; }

  /// The n-th statement from the first (1) or from the latest (-1); the one that asks does not
  /// count. Absent: there is none, or it is too long ago.
  std::optional<Uuid> IdAt(int64_t n) const;
  /// Of a statement that ended well. 000709 (02000) for one that is not known here or failed;
  /// ResourceExhausted where the result was too large to be kept.
  StatementResult<std::shared_ptr<const StoredResult>> ResultOf(const std::string& id) const;

  /// Results of the steps of a `->>`, the newest last; empty outside of one.
  std::vector<std::shared_ptr<const StoredResult>> piped;

  /// Of the account.
  QueryHistory& history() { return *history_; }

 private:
  friend class FollowedStream;

  struct Entry {
    Uuid id;
    std::optional<QueryRecord> running;  ///< until it ends
    std::shared_ptr<const StoredResult> result;
    int64_t bytes = 0;  ///< of the result
  };

  Entry* Find(const Uuid& id);
  void End(const Uuid& id, int64_t rows, const StatementError* error);
  void Keep(const Uuid& id, StoredResult result, int64_t bytes);

  QueryHistory* const history_;
  const Clock* const clock_;
  std::deque<Entry> entries_;
  int64_t forgotten_ = 0;  ///< entries before the first
  int64_t kept_bytes_ = 0;
  std::optional<Uuid> next_id_;
};

}  // namespace tarn::warehouse
