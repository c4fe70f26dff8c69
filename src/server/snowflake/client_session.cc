// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/client_session.h"

#include <algorithm>

#include "base/clock.h"
#include "server/snowflake/failure.h"
#include "server/snowflake/session_parameters_json.h"

namespace tarn::server::snowflake {
namespace {

constexpr size_t kKnownMax = 64;
constexpr int64_t kKnownBytesMax = int64_t{1} << 30;
constexpr auto kAbortPatience = std::chrono::seconds(2);
constexpr auto kClosePatience = std::chrono::seconds(5);
constexpr auto kCancelPeriod = std::chrono::milliseconds(20);

int64_t BytesOf(const Submission& submission) {
  const auto outcome = submission.outcome();
  return outcome == nullptr || outcome->rows == nullptr ? 0 : outcome->rows->bytes();
}

Outcome AbortedOutcome() {
  Outcome outcome;
  outcome.error = {.error = {ErrorKind::kCancelled, "SQL execution canceled", {}, {}},
                   .code = code::kCancelled,
                   .sqlstate = "57014",
                   .position = {}};
  return outcome;
}

}  // namespace

ClientSession::ClientSession(int64_t id, std::unique_ptr<warehouse::Session> session,
                             ClientKind client, WorkerPool* workers, SpoolLimits* limits)
    : id_(id),
      client_(std::move(client)),
      workers_(workers),
      limits_(limits),
      session_(std::move(session)),
      runner_(session_.get(), &client_, limits_) {}

SessionFacts ClientSession::Facts() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return !draining_; });
  return {.database = session_->current_database(),
          .schema = session_->current_schema(),
          .warehouse = session_->current_warehouse(),
          .role = session_->current_role(),
          .parameters = ParametersJson(*session_)};
}

std::shared_ptr<Submission> ClientSession::Submit(StatementRequest request) {
  const std::lock_guard lock(mutex_);
  if (closed_) return nullptr;
  if (!request.request_id.empty()) {
    for (const auto& known : known_) {
      if (known->request().request_id == request.request_id) return known;
    }
  }
  const auto submission = std::make_shared<Submission>(std::move(request), NowMs());
  known_.push_back(submission);
  waiting_.push_back(submission);
  Forget();
  if (!draining_) {
    draining_ = true;
    workers_->Submit([self = shared_from_this()] { self->Drain(); });
  }
  return submission;
}

void ClientSession::Forget() {
  int64_t bytes = 0;
  for (const auto& known : known_) bytes += BytesOf(*known);
  while (known_.size() > 1 && (known_.size() > kKnownMax || bytes > kKnownBytesMax)) {
    if (known_.front()->outcome() == nullptr) return;
    bytes -= BytesOf(*known_.front());
    known_.pop_front();
  }
}

void ClientSession::Drain() {
  std::unique_lock lock(mutex_);
  while (!waiting_.empty()) {
    const auto submission = waiting_.front();
    waiting_.pop_front();
    running_ = submission;
    lock.unlock();
    submission->Begin();
    Outcome outcome = submission->is_aborted() ? AbortedOutcome() : runner_.Run(*submission);
    if (outcome.error && submission->is_aborted()) outcome.error = AbortedOutcome().error;
    lock.lock();
    running_.reset();
    // Children are found by their own ids.
    for (const auto& child : outcome.children) known_.push_back(child);
    submission->End(std::move(outcome), NowMs());
  }
  draining_ = false;
  idle_.notify_all();
}

std::shared_ptr<Submission> ClientSession::FindRequest(std::string_view request_id) {
  const std::lock_guard lock(mutex_);
  for (const auto& known : known_) {
    if (known->request().request_id == request_id) return known;
  }
  return nullptr;
}

std::shared_ptr<Submission> ClientSession::FindQuery(const Uuid& id) {
  const std::lock_guard lock(mutex_);
  for (const auto& known : known_) {
    if (known->id() == id) return known;
  }
  return nullptr;
}

std::vector<std::shared_ptr<Submission>> ClientSession::Submissions() {
  const std::lock_guard lock(mutex_);
  return {known_.begin(), known_.end()};
}

bool ClientSession::Abort(Submission& submission) {
  if (submission.outcome() != nullptr) return false;
  submission.Abort();
  // Cancel ends only what has begun, and whoever runs it may be about to begin.
  const auto until = std::chrono::steady_clock::now() + kAbortPatience;
  do {
    {
      const std::lock_guard lock(mutex_);
      if (running_.get() == &submission) session_->Cancel();
    }
    if (submission.Wait(kCancelPeriod) != nullptr) break;
  } while (std::chrono::steady_clock::now() < until);
  return true;
}

bool ClientSession::is_busy() {
  const std::lock_guard lock(mutex_);
  return draining_;
}

void ClientSession::Close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  for (const auto& waiting : waiting_) waiting->Abort();
  const auto until = std::chrono::steady_clock::now() + kClosePatience;
  while (draining_ && std::chrono::steady_clock::now() < until) {
    if (running_ != nullptr) {
      running_->Abort();
      session_->Cancel();
    }
    idle_.wait_for(lock, kCancelPeriod);
  }
}

}  // namespace tarn::server::snowflake
