// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/worker_pool.h"
#include "server/snowflake/statement_runner.h"
#include "server/snowflake/submission.h"

namespace tarn::server::snowflake {

/// One client's session: what is submitted runs one after the other, in the order in which it
/// came, on a worker. Thread-safe.
class ClientSession : public std::enable_shared_from_this<ClientSession> {
 public:
  /// The pool and the limits outlive it, and everything that runs in it.
  ClientSession(int64_t id, std::unique_ptr<warehouse::Session> session, ClientKind client,
                WorkerPool* workers, SpoolLimits* limits);

  int64_t id() const { return id_; }

  /// Runs it as soon as those before have ended; a request that came before is not run again.
  /// Null when the session has been closed.
  std::shared_ptr<Submission> Submit(StatementRequest request);
  /// Null for one that is not known or was forgotten.
  std::shared_ptr<Submission> FindRequest(std::string_view request_id);
  std::shared_ptr<Submission> FindQuery(const Uuid& id);
  std::vector<std::shared_ptr<Submission>> Submissions();
  /// Waits shortly for its end. Whether there was anything to abort.
  bool Abort(Submission& submission);
  /// Whether anything runs or waits.
  bool is_busy();
  /// Aborts everything, takes nothing more, and waits shortly for the end.
  void Close();

  /// What it is now, once nothing runs: for the answer to a login.
  SessionFacts Facts();

 private:
  void Drain();
  void Forget();

  const int64_t id_;
  const ClientKind client_;
  WorkerPool* const workers_;
  SpoolLimits* const limits_;
  /// Of whoever drains.
  std::unique_ptr<warehouse::Session> session_;
  StatementRunner runner_;

  std::mutex mutex_;
  std::condition_variable idle_;
  std::deque<std::shared_ptr<Submission>> waiting_;
  std::deque<std::shared_ptr<Submission>> known_;  ///< the newest last
  std::shared_ptr<Submission> running_;
  bool draining_ = false, closed_ = false;
};

}  // namespace tarn::server::snowflake
