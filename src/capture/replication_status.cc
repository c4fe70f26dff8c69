// SPDX-License-Identifier: Apache-2.0
// What others may see of a replication.
#include <algorithm>

#include "base/clock.h"
#include "capture/replication.h"

namespace tarn::capture {
namespace {

constexpr auto kShowInterval = std::chrono::milliseconds(200);

TableStage StageOf(ReplicaStage stage) {
  switch (stage) {
    case ReplicaStage::kNew:
      return TableStage::kWaiting;
    case ReplicaStage::kCopying:
      return TableStage::kCopying;
    case ReplicaStage::kStreaming:
      return TableStage::kStreaming;
    case ReplicaStage::kFailed:
      return TableStage::kFailed;
    case ReplicaStage::kAbsent:
      break;
  }
  return TableStage::kAbsent;
}

std::string ReasonOf(const std::optional<Error>& error) {
  if (!error) return {};
  return error->detail.empty() ? error->message : error->message + " " + error->detail;
}

}  // namespace

std::string_view WordOf(TableStage stage) {
  switch (stage) {
    case TableStage::kWaiting:
      return "WAITING";
    case TableStage::kCopying:
      return "COPYING";
    case TableStage::kStreaming:
      return "STREAMING";
    case TableStage::kFailed:
      return "FAILED";
    case TableStage::kAbsent:
      break;
  }
  return "ABSENT";
}

int64_t LagBytes(const CaptureStatus& status, Lsn since) {
  const Lsn end = std::max(status.received, status.source_end);
  return end > since ? static_cast<int64_t>(end.value() - since.value()) : 0;
}

int64_t CountCopying(const Replicas& replicas) {
  return std::ranges::count_if(replicas, [](const auto& each) {
    const ReplicaStage stage = each.second->stage;
    return stage == ReplicaStage::kNew || stage == ReplicaStage::kCopying;
  });
}

CaptureStatus StatusBoard::Read() const {
  const std::scoped_lock lock(mutex_);
  return status_;
}

bool StatusBoard::WaitUntil(std::chrono::milliseconds patience,
                            const std::function<bool(const CaptureStatus&)>& is_met) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return is_met(status_); });
}

TableStatus Replication::StatusOf(Replica& replica, int64_t now_ms) const {
  const int64_t copied = *replica.rows_copied;
  replica.rate.Add(copied - replica.rows_copied_told, now_ms);
  replica.rows_copied_told = copied;
  TableStatus status{.name = replica.name(),
                     .stage = StageOf(replica.stage),
                     .rows_copied = copied,
                     .rows_inserted = replica.rows_inserted,
                     .rows_updated = replica.rows_updated,
                     .rows_deleted = replica.rows_deleted,
                     .rows_per_second = replica.rate.PerSecond(now_ms),
                     .as_of_ms = {},
                     .last_commit_ms = replica.last_commit_ms,
                     .error = ReasonOf(replica.state.error)};
  if (replica.layout != nullptr) status.rows_estimated = replica.layout->source.estimated_rows;
  if (replica.stage == ReplicaStage::kStreaming && replica.oldest) {
    status.as_of_ms = replica.oldest->committed_ms;
  }
  return status;
}

void Replication::ShowProgress(bool idle) {
  const Moment now = std::chrono::steady_clock::now();
  if (now - last_shown_ < kShowInterval) return;
  last_shown_ = now;
  const int64_t now_ms = NowMs();
  // Of what has come, and of what waits here. While more comes, it is of what was committed later.
  const bool has_all = idle && !in_transaction_;
  const int64_t received_ms = has_all ? now_ms : committed_ms_;
  const int64_t as_of_ms = pending_since_ ? oldest_ms_ : received_ms;
  std::vector<TableStatus> tables;
  for (const auto& [name, replica] : replicas_) tables.push_back(StatusOf(*replica, now_ms));
  board_.Update([&](CaptureStatus& status) {
    if (as_of_ms > 0) status.as_of_ms = as_of_ms;
    status.lag_bytes = LagBytes(status, durable_);
    for (TableStatus& table : tables) {
      if (table.stage != TableStage::kStreaming) continue;
      const auto replica = replicas_.find(table.name);
      const auto& oldest = replica->second->oldest;
      table.lag_bytes =
          LagBytes(status, oldest ? std::min(oldest->commit_lsn, last_end_) : durable_);
      if (!table.as_of_ms && received_ms > 0) table.as_of_ms = received_ms;
    }
    status.tables = std::move(tables);
  });
}

}  // namespace tarn::capture
