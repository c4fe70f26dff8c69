// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/statement_log.h"

#include <algorithm>

#include "base/logging.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/secret_text.h"
#include "warehouse/session/session_state.h"

namespace tarn::warehouse {
namespace {

constexpr size_t kEntriesMax = 10'000;
constexpr const char* kSucceeded = "SUCCESS";
constexpr const char* kFailed = "FAILED_WITH_ERROR";

}  // namespace

/// Keeps the rows that pass, as long as they are few, and tells the log how it ended.
class FollowedStream final : public ResultStream {
 public:
  FollowedStream(StatementLog& log, const Uuid& id, std::unique_ptr<ResultStream> stream)
      : log_(log), id_(id), stream_(std::move(stream)), kept_{.columns = stream_->columns()} {
    if (stream_->columns().empty()) End(nullptr);
  }
  /// Rows that nobody asked for are no failure.
  ~FollowedStream() override {
    if (ended_) return;
    keeps_ = false;
    End(nullptr);
  }

  const std::vector<ResultColumn>& columns() const override { return stream_->columns(); }
  StatementResult<> Next(std::vector<uint8_t>& batch) override {
    auto next = stream_->Next(batch);
    if (ended_) return next;
    if (!next) {
      End(&next.error());
    } else if (batch.empty()) {
      End(nullptr);
    } else {
      Keep(batch);
    }
    return next;
  }
  void Interrupt() override { stream_->Interrupt(); }
  void Pause() override { stream_->Pause(); }
  const StatementSummary& summary() const override {
    summary_ = stream_->summary();
    summary_.query_id = id_;
    return summary_;
  }

 private:
  void Keep(const std::vector<uint8_t>& batch) {
    if (!keeps_) return;
    bytes_ += static_cast<int64_t>(batch.size());
    keeps_ = bytes_ <= kKeptResultBytesMax;
    if (keeps_) {
      kept_.batches.push_back(batch);
    } else {
      kept_.batches.clear();
    }
  }
  void End(const StatementError* error) {
    ended_ = true;
    kept_.summary = summary();
    kept_.rows = kept_.summary.rows;
    log_.End(id_, kept_.rows, error);
    if (error == nullptr && keeps_) log_.Keep(id_, std::move(kept_), bytes_);
  }

  StatementLog& log_;
  const Uuid id_;
  const std::unique_ptr<ResultStream> stream_;
  StoredResult kept_;
  int64_t bytes_ = 0;
  bool keeps_ = true;
  bool ended_ = false;
  mutable StatementSummary summary_;
};

Uuid StatementLog::Begin(const SessionState& session, std::string command, std::string_view text) {
  const Uuid id = std::exchange(next_id_, std::nullopt).value_or(Uuid::Random());
  entries_.push_back({.id = id,
                      .running = QueryRecord{.query_id = id,
                                             .session_id = session.id.ToString(),
                                             .text = WithoutSecrets(text),
                                             .command = std::move(command),
                                             .user_name = session.user,
                                             .role_name = session.role,
                                             .warehouse_name = session.warehouse,
                                             .database_name = session.database,
                                             .schema_name = session.schema,
                                             .query_tag = session.Parameter("QUERY_TAG"),
                                             .client = {},
                                             .started_ms = clock_->NowMs()},
                      .result = nullptr});
  if (entries_.size() > kEntriesMax) {
    kept_bytes_ -= entries_.front().bytes;
    entries_.pop_front();
    ++forgotten_;
  }
  return id;
}

void StatementLog::Fail(const Uuid& id, const StatementError& error) { End(id, 0, &error); }

std::unique_ptr<ResultStream> StatementLog::Follow(const Uuid& id,
                                                   std::unique_ptr<ResultStream> stream) {
  return std::make_unique<FollowedStream>(*this, id, std::move(stream));
}

StatementLog::Entry* StatementLog::Find(const Uuid& id) {
  // Mostly one of the latest.
  const auto found = std::find_if(entries_.rbegin(), entries_.rend(),
                                  [&](const Entry& entry) { return entry.id == id; });
  return found == entries_.rend() ? nullptr : &*found;
}

void StatementLog::End(const Uuid& id, int64_t rows, const StatementError* error) {
  Entry* const entry = Find(id);
  if (entry == nullptr || !entry->running) return;
  QueryRecord record = *std::exchange(entry->running, std::nullopt);
  record.ended_ms = clock_->NowMs();
  record.state = error == nullptr ? kSucceeded : kFailed;
  record.rows = rows;
  if (error != nullptr) {
    record.error_code = error->code;
    record.error_message = WithoutSecrets(error->error.message);
  }
  const auto recorded = history_->Record(std::move(record));
  // The statement has ended as it did, whether that can be told later or not.
  if (!recorded) spdlog::warn("query history: {}", recorded.error().message);
}

void StatementLog::Keep(const Uuid& id, StoredResult result, int64_t bytes) {
  Entry* const kept = Find(id);
  if (kept == nullptr) return;
  kept->result = std::make_shared<const StoredResult>(std::move(result));
  kept->bytes = bytes;
  kept_bytes_ += bytes;
  for (Entry& entry : entries_) {
    if (kept_bytes_ <= kKeptBytesMax) return;
    if (&entry == kept) continue;
    kept_bytes_ -= std::exchange(entry.bytes, 0);
    entry.result = nullptr;
  }
}

std::optional<Uuid> StatementLog::IdAt(int64_t n) const {
  auto count = static_cast<int64_t>(entries_.size());
  if (count > 0 && entries_.back().running) --count;
  const int64_t place = n > 0 ? n - 1 - forgotten_ : count + n;
  if (n == 0 || place < 0 || place >= count) return std::nullopt;
  return entries_[static_cast<size_t>(place)].id;
}

StatementResult<std::shared_ptr<const StoredResult>> StatementLog::ResultOf(
    const std::string& id) const {
  const auto found =
      std::ranges::find_if(entries_, [&](const Entry& entry) { return entry.id.ToString() == id; });
  if (found == entries_.end()) {
    return CompilationError("000709", "02000", fmt::format("Statement {} not found", id));
  }
  if (found->result != nullptr) return found->result;
  return std::unexpected(AsStatementError(
      Error{ErrorKind::kResourceExhausted,
            fmt::format("the result of statement {} has not been kept", id),
            "Results are kept for statements of this session that ended well, up to 8 MiB each "
            "and 32 MiB together.",
            "Write large results into a table."}));
}

}  // namespace tarn::warehouse
