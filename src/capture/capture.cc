// SPDX-License-Identifier: Apache-2.0
#include "capture/capture.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cctype>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "capture/replication.h"
#include "capture/source/source_connection.h"
#include "capture/source/table_catalog.h"

namespace tarn::capture {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kConnectorSlotPrefix = "sf_db_conn_rs_kbmd_";

/// What a slot's name may have (PostgreSQL, ReplicationSlotValidateName).
bool MayStandInSlot(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_';
}

/// How long the thread waits for the stream before it looks for other things.
constexpr milliseconds kStep{20};
constexpr milliseconds kRetryLeast{200}, kRetryMost{60'000};
constexpr const char* kCatchUpPrefix = "tarn.catch_up";

class RunningCapture final : public Capture {
 public:
  RunningCapture(CaptureOptions options, Destination& destination, std::vector<TableRequest> tables)
      : options_(std::move(options)), destination_(destination) {
    for (TableRequest& table : tables) Put(std::move(table));
    ShowCopying();
    thread_ = std::thread([this] { Run(); });
  }

  ~RunningCapture() override {
    {
      const std::scoped_lock lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void AddTables(std::vector<TableRequest> tables) override {
    Ask([this, tables = std::move(tables)](Replication* replication) mutable {
      for (TableRequest& table : tables) {
        Replica& replica = Put(std::move(table));
        if (replication != nullptr) replication->Admit(replica);
      }
      ShowCopying();
    });
  }

  void RemoveTables(std::vector<SourceName> tables) override {
    Ask([this, tables = std::move(tables)](Replication* replication) {
      for (const SourceName& name : tables) {
        const auto found = replicas_.find(name);
        if (found == replicas_.end()) continue;
        if (replication != nullptr) replication->Dismiss(*found->second);
        replicas_.erase(found);
      }
    });
  }

  CaptureStatus status() const override { return board_.Read(); }

  Result<> CatchUp(milliseconds patience) override {
    TARN_ASSIGN(const auto source, SourceConnection::Open(options_.source));
    const std::vector<std::string> parameters{kCatchUpPrefix};
    TARN_ASSIGN(
        const auto rows,
        source->Run("SELECT pg_catalog.pg_logical_emit_message(false, $1, '')", parameters));
    const auto target =
        rows.empty() || rows[0].empty() || !rows[0][0] ? std::nullopt : ParseLsn(*rows[0][0]);
    if (!target) return Fail(ErrorKind::kInternal, "the source told no position of its log");
    // A table that was rewritten counts as copying from then on.
    Result<> looked;
    Ask([&](Replication* replication) {
      if (replication != nullptr) looked = replication->LookNow();
      ShowCopying();
    });
    if (!looked) {
      return std::unexpected(Error{ErrorKind::kUnavailable,
                                   "the catalogs of the source could not be read",
                                   looked.error().message,
                                   {}});
    }
    if (board_.WaitUntil(patience, [&](const CaptureStatus& status) {
          return status.durable >= *target && status.tables_copying == 0;
        })) {
      return {};
    }
    return std::unexpected(
        Error{ErrorKind::kUnavailable,
              fmt::format("changes up to {} are not committed after {} ms", ToString(*target),
                          patience.count()),
              fmt::format("Everything up to {} is.", ToString(board_.Read().durable)),
              {}});
  }

 private:
  /// What the thread is to do with its tables, within a replication or without one.
  using Request = std::function<void(Replication*)>;

  Replica& Put(TableRequest table) {
    auto& replica = replicas_[table.name];
    if (replica == nullptr) replica = std::make_unique<Replica>(std::move(table), options_.mode);
    return *replica;
  }

  void ShowCopying() {
    const int64_t copying = CountCopying(replicas_);
    board_.Update([&](CaptureStatus& status) { status.tables_copying = copying; });
  }

  /// Returns when it is done.
  void Ask(Request request) {
    std::unique_lock lock(mutex_);
    requests_.push_back(std::move(request));
    const int64_t number = ++asked_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return answered_ >= number || ending_; });
  }

  void Answer(Replication* replication) {
    std::deque<Request> requests;
    {
      const std::scoped_lock lock(mutex_);
      requests.swap(requests_);
    }
    for (Request& request : requests) {
      request(replication);
      const std::scoped_lock lock(mutex_);
      ++answered_;
    }
    if (!requests.empty()) changed_.notify_all();
  }

  bool is_ending() {
    const std::scoped_lock lock(mutex_);
    return ending_;
  }

  void Run() {
    milliseconds wait = kRetryLeast;
    while (!is_ending()) {
      const auto began = std::chrono::steady_clock::now();
      auto done = Replicate();
      if (done) continue;
      if (std::chrono::steady_clock::now() - began > kRetryMost) wait = kRetryLeast;
      spdlog::warn("capture from {}: {} {}", Describe(options_.source), done.error().message,
                   done.error().detail);
      board_.Update([&](CaptureStatus& status) {
        status.connected = false;
        status.error = done.error();
        ++status.failures;
      });
      Pause(wait);
      wait = std::min(2 * wait, kRetryMost);
    }
    Answer(nullptr);
  }

  /// Until the end, or until something goes wrong.
  Result<> Replicate() {
    Replication replication(options_, destination_, replicas_, board_);
    TARN_TRY(replication.Begin());
    while (!is_ending()) {
      Answer(&replication);
      TARN_TRY(replication.Step(kStep));
    }
    return {};
  }

  void Pause(milliseconds wait) {
    const auto until = std::chrono::steady_clock::now() + wait;
    while (true) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait_until(lock, until, [this] { return ending_ || !requests_.empty(); });
        if (ending_) return;
        if (requests_.empty()) return;
      }
      Answer(nullptr);
    }
  }

  const CaptureOptions options_;
  Destination& destination_;
  StatusBoard board_;
  Replicas replicas_;  ///< of the thread

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::deque<Request> requests_;
  int64_t asked_ = 0, answered_ = 0;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Capture> Capture::Start(CaptureOptions options, Destination& destination,
                                        std::vector<TableRequest> tables) {
  return std::make_unique<RunningCapture>(std::move(options), destination, std::move(tables));
}

Result<> CheckSource(const ConnectionSettings& source, const std::string& publication) {
  TARN_ASSIGN(const auto connection, SourceConnection::Open(source));
  TARN_TRY(CheckReadiness(*connection));
  TARN_TRY(FindPublication(*connection, publication));
  return {};
}

std::string ConnectorSlotName(std::string_view data_source) {
  std::string name(kConnectorSlotPrefix);
  for (const char letter : data_source) {
    const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    name += MayStandInSlot(lower) ? lower : '_';
  }
  return name;
}

}  // namespace tarn::capture
