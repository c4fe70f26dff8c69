// SPDX-License-Identifier: Apache-2.0
#include "capture/source/replication_stream.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "capture/source/server_session.h"
#include "capture/source/source_connection.h"
#include "capture/source/standby_message.h"

namespace tarn::capture {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kVersion14 = 140'000, kVersion16 = 160'000;
/// How long Stop lets the server take leave, so that the slot is free when it returns.
constexpr std::chrono::seconds kFarewell{1};
/// What an item takes beside its payload.
constexpr int64_t kItemBytes = sizeof(StreamItem);

/// A literal of the replication grammar, where a backslash is a character like others.
std::string ReplicationLiteral(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + "'";
}

std::string StartStatement(const StreamOptions& options, int version) {
  const std::string publications = ReplicationLiteral(QuotedName(options.publication));
  const char* const protocol = version >= kVersion16 ? "4" : version >= kVersion14 ? "2" : "1";
  std::string statement =
      fmt::format("START_REPLICATION SLOT {} LOGICAL {} (proto_version '{}', publication_names {}",
                  QuotedName(options.slot), ToString(options.start), protocol, publications);
  if (version >= kVersion14) {
    statement += ", messages 'true'";
    if (options.binary) statement += ", binary 'true'";
  }
  return statement + ")";
}

/// The server does not start. A slot whose log is gone is as good as none.
Error StartError(PGconn* connection, const PgResult& result, const StreamOptions& options) {
  Error error = ErrorOf(connection, result.get());
  if (SqlstateOf(result.get()) != "55000") return error;
  auto state = RunSimple(
      connection,
      fmt::format("SELECT 1 FROM pg_catalog.pg_replication_slots WHERE slot_name = {} AND "
                  "wal_status = 'lost'",
                  QuotedLiteral(options.slot)));
  if (state && PQntuples(state->get()) > 0) error.kind = ErrorKind::kNotFound;
  return error;
}

/// Reads and acknowledges in a thread of its own, the only one to use the connection.
class ServerStream : public ReplicationStream {
 public:
  ServerStream(PgConnection connection, StreamOptions options, int wake)
      : connection_(std::move(connection)),
        options_(std::move(options)),
        wake_(wake),
        acknowledged_(options_.start.value()) {
    thread_ = std::thread([this] { Read(); });
  }
  ~ServerStream() override {
    Stop();
    thread_.join();
    close(wake_);
  }

  Result<std::optional<StreamItem>> Next(std::chrono::milliseconds wait) override;
  void Acknowledge(Lsn lsn) override;
  void Stop() override;

 private:
  // By the thread.
  void Read();
  Result<> ReadUntilStopped();
  Result<> TakeWhatCame();
  Result<> TakeMessage(std::string_view message);
  void Publish(std::optional<Error> end);
  Result<> SendStatus();
  Result<> Wait();
  void TakeLeave();
  bool IsFull() const { return waiting_bytes_.load() >= options_.queue_bytes; }

  void Wake() {
    const uint64_t one = 1;
    (void)!write(wake_, &one, sizeof(one));
  }

  const PgConnection connection_;
  const StreamOptions options_;
  const int wake_;  ///< eventfd
  std::atomic<uint64_t> acknowledged_;
  std::atomic<bool> stopped_ = false;
  std::atomic<int64_t> waiting_bytes_ = 0;

  // Of the thread.
  uint64_t received_ = 0;
  bool status_wanted_ = true;  ///< the first is sent at once
  Clock::time_point last_status_;
  std::deque<StreamItem> came_;

  // Of whoever calls Next.
  std::deque<StreamItem> taken_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<StreamItem> waiting_;
  std::optional<Error> end_;

  std::thread thread_;
};

Result<std::optional<StreamItem>> ServerStream::Next(std::chrono::milliseconds wait) {
  if (taken_.empty()) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, wait, [&] { return !waiting_.empty() || end_ || stopped_.load(); });
    if (stopped_.load()) return Fail(ErrorKind::kCancelled, "the replication stream was stopped");
    taken_.swap(waiting_);
    if (taken_.empty()) {
      if (end_) return std::unexpected(*end_);
      return std::nullopt;
    }
  }
  if (stopped_.load()) return Fail(ErrorKind::kCancelled, "the replication stream was stopped");
  std::optional<StreamItem> item(std::move(taken_.front()));
  taken_.pop_front();
  const int64_t bytes = static_cast<int64_t>(item->payload.size()) + kItemBytes;
  const int64_t before = waiting_bytes_.fetch_sub(bytes);
  if (before >= options_.queue_bytes && before - bytes < options_.queue_bytes) Wake();
  return item;
}

void ServerStream::Acknowledge(Lsn lsn) {
  uint64_t known = acknowledged_.load();
  while (known < lsn.value() && !acknowledged_.compare_exchange_weak(known, lsn.value())) {
  }
}

void ServerStream::Stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopped_.store(true);
  }
  changed_.notify_all();
  Wake();
}

void ServerStream::Read() {
  PQsetnonblocking(connection_.get(), 1);
  auto ended = ReadUntilStopped();
  if (!ended) {
    Publish(std::move(ended).error());
    return;
  }
  TakeLeave();
}

Result<> ServerStream::ReadUntilStopped() {
  while (!stopped_.load()) {
    auto taken = TakeWhatCame();
    Publish(std::nullopt);
    TARN_TRY(taken);
    if (status_wanted_ || Clock::now() - last_status_ >= options_.status_interval) {
      TARN_TRY(SendStatus());
    }
    TARN_TRY(Wait());
  }
  return {};
}

Result<> ServerStream::TakeWhatCame() {
  // Published now and then, so that the other side need not wait for the last of them.
  constexpr int64_t kPieceBytes = int64_t{1} << 20;
  int64_t piece = 0;
  while (!IsFull() && !stopped_.load()) {
    char* data = nullptr;
    const int bytes = PQgetCopyData(connection_.get(), &data, 1);
    if (bytes == 0) return {};
    if (bytes < 0) {
      const PgResult result(PQgetResult(connection_.get()));
      if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) {
        return Fail(ErrorKind::kUnavailable, "the source ended the replication stream");
      }
      return std::unexpected(ErrorOf(connection_.get(), result.get()));
    }
    auto taken = TakeMessage({data, static_cast<size_t>(bytes)});
    PQfreemem(data);
    TARN_TRY(taken);
    piece += bytes;
    if (piece >= kPieceBytes) {
      Publish(std::nullopt);
      piece = 0;
      if (Clock::now() - last_status_ >= options_.status_interval) TARN_TRY(SendStatus());
    }
  }
  return {};
}

Result<> ServerStream::TakeMessage(std::string_view message) {
  TARN_ASSIGN(const ServerMessage came, ReadServerMessage(message));
  received_ = std::max({received_, came.wal_start.value(), came.wal_end.value()});
  if (came.reply_requested) status_wanted_ = true;
  if (came.is_data) {
    came_.push_back({came.wal_start, came.wal_end, {came.payload.begin(), came.payload.end()}});
  } else if (!came_.empty() && came_.back().payload.empty()) {
    came_.back().wal_end = came.wal_end;
    return {};
  } else {
    came_.push_back({came.wal_end, came.wal_end, {}});
  }
  waiting_bytes_.fetch_add(static_cast<int64_t>(came.payload.size()) + kItemBytes);
  return {};
}

void ServerStream::Publish(std::optional<Error> end) {
  if (came_.empty() && !end) return;
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.empty()) {
      waiting_.swap(came_);
    } else {
      std::ranges::move(came_, std::back_inserter(waiting_));
      came_.clear();
    }
    if (end) end_ = std::move(end);
  }
  changed_.notify_one();
}

Result<> ServerStream::SendStatus() {
  const uint64_t durable = acknowledged_.load();
  const StatusMessage status = MakeStatusMessage(Lsn(std::max(received_, durable)), Lsn(durable),
                                                 std::chrono::system_clock::now());
  const int sent = PQputCopyData(connection_.get(), status.data(), static_cast<int>(status.size()));
  if (sent < 0) return std::unexpected(ErrorOf(connection_.get(), nullptr));
  // Zero: there is no room even for this; once more when there is.
  status_wanted_ = sent == 0;
  last_status_ = Clock::now();
  return {};
}

Result<> ServerStream::Wait() {
  const int flushed = PQflush(connection_.get());
  if (flushed < 0) return std::unexpected(ErrorOf(connection_.get(), nullptr));
  const bool unsent = flushed > 0 || status_wanted_;
  const bool reads = !IsFull();
  pollfd events[2] = {{.fd = PQsocket(connection_.get()), .events = 0, .revents = 0},
                      {.fd = wake_, .events = POLLIN, .revents = 0}};
  if (reads || unsent) events[0].events |= POLLIN;
  if (unsent) events[0].events |= POLLOUT;
  // A connection that is lost wakes whatever was asked for; who cannot read must not look.
  if (events[0].events == 0) events[0].fd = -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(
      last_status_ + options_.status_interval - Clock::now());
  const auto wait = std::clamp<int64_t>(left.count(), 0, 60'000);
  if (poll(events, 2, static_cast<int>(wait)) <= 0) return {};
  if (events[1].revents != 0) {
    uint64_t count = 0;
    (void)!read(wake_, &count, sizeof(count));
  }
  // Also where only sending waits: the server may wait for us to read before it does.
  if ((events[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0 &&
      PQconsumeInput(connection_.get()) == 0) {
    // What came before is still to be had.
    TARN_TRY(TakeWhatCame());
    return std::unexpected(ErrorOf(connection_.get(), nullptr));
  }
  return {};
}

void ServerStream::TakeLeave() {
  const auto deadline = Clock::now() + kFarewell;
  if (!SendStatus() || PQputCopyEnd(connection_.get(), nullptr) < 0) return;
  while (true) {
    const int unsent = PQflush(connection_.get());
    if (unsent < 0) return;
    char* data = nullptr;
    int bytes = 0;
    while ((bytes = PQgetCopyData(connection_.get(), &data, 1)) > 0) PQfreemem(data);
    if (bytes < 0) return;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return;
    pollfd socket{.fd = PQsocket(connection_.get()),
                  .events = static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN),
                  .revents = 0};
    if (poll(&socket, 1, static_cast<int>(left.count())) > 0 &&
        PQconsumeInput(connection_.get()) == 0) {
      return;
    }
  }
}

}  // namespace

Result<std::unique_ptr<ReplicationStream>> ReplicationStream::Start(
    const ConnectionSettings& settings, const StreamOptions& options) {
  TARN_ASSIGN(PgConnection connection, OpenSession(settings, SessionKind::kReplication));
  const std::string statement = StartStatement(options, PQserverVersion(connection.get()));
  const PgResult begun(PQexec(connection.get(), statement.c_str()));
  if (PQresultStatus(begun.get()) != PGRES_COPY_BOTH) {
    return std::unexpected(StartError(connection.get(), begun, options));
  }
  const int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake < 0) return Fail(ErrorKind::kResourceExhausted, "no file descriptor is left");
  return std::make_unique<ServerStream>(std::move(connection), options, wake);
}

}  // namespace tarn::capture
