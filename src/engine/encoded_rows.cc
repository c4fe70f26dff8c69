// SPDX-License-Identifier: Apache-2.0
#include "engine/encoded_rows.h"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace tarn::engine {

namespace {

/// What may wait for the reader, and what may be ahead of its turn: about a row group of wide rows.
constexpr size_t kReadyBytes = size_t{2} << 20;
constexpr size_t kLaterBytes = size_t{8} << 20;
constexpr size_t kSpareBuffers = 8;
/// Nobody tells that the last task of a query is done: then the query is asked after this time.
constexpr std::chrono::microseconds kPollInterval{500};

}  // namespace

bool EncodedRows::HasRoom(duckdb::idx_t partition) const {
  if (closed_) return true;
  if (crowded_) return partition <= first_ && ready_.empty();
  return partition <= first_ ? ready_bytes_ < kReadyBytes : later_bytes_ < kLaterBytes;
}

EncodedRows::Room EncodedRows::AskForRoom(duckdb::idx_t partition,
                                          const duckdb::InterruptState& sink) {
  const std::lock_guard lock(mutex_);
  if (closed_) return Room::kClosed;
  if (HasRoom(partition)) return Room::kYes;
  blocked_.emplace_back(partition, sink);
  changed_.notify_one();
  return Room::kWait;
}

void EncodedRows::Count(size_t bytes) {
  if (!held_) return;
  const auto more = static_cast<int64_t>(bytes);
  crowded_ = !held_->TryGrow(more);
  if (crowded_) held_->Grow(more);
}

void EncodedRows::Add(duckdb::idx_t partition, EncodedBatch batch) {
  const std::lock_guard lock(mutex_);
  const size_t bytes = batch.bytes.size();
  Count(bytes);
  if (partition <= first_) {
    ready_bytes_ += bytes;
    ready_.push_back(std::move(batch));
    changed_.notify_one();
    return;
  }
  Partition& later = later_[partition];
  later.size_bytes += bytes;
  later_bytes_ += bytes;
  later.batches.push_back(std::move(batch));
}

void EncodedRows::Advance(duckdb::idx_t first) {
  const std::lock_guard lock(mutex_);
  changed_.notify_one();
  if (first <= first_) return;
  first_ = first;
  while (!later_.empty() && later_.begin()->first <= first_) {
    Partition& next = later_.begin()->second;
    std::ranges::move(next.batches, std::back_inserter(ready_));
    ready_bytes_ += next.size_bytes;
    later_bytes_ -= next.size_bytes;
    later_.erase(later_.begin());
  }
}

std::vector<uint8_t> EncodedRows::SpareMemory() {
  const std::lock_guard lock(mutex_);
  if (spare_.empty()) return {};
  std::vector<uint8_t> memory = std::move(spare_.back());
  spare_.pop_back();
  return memory;
}

std::optional<EncodedBatch> EncodedRows::Take(std::vector<uint8_t>& memory) {
  std::optional<EncodedBatch> taken;
  {
    const std::lock_guard lock(mutex_);
    if (ready_.empty()) return std::nullopt;
    taken = std::move(ready_.front());
    ready_.pop_front();
    ready_bytes_ -= taken->bytes.size();
    if (held_) held_->Shrink(static_cast<int64_t>(taken->bytes.size()));
    if (memory.capacity() > 0 && !crowded_ && spare_.size() < kSpareBuffers)
      spare_.push_back(std::move(memory));
  }
  WakeSinks();
  return taken;
}

void EncodedRows::Wait() {
  std::unique_lock lock(mutex_);
  if (ready_.empty()) changed_.wait_for(lock, kPollInterval);
}

void EncodedRows::WakeSinks() {
  const std::lock_guard lock(mutex_);
  std::erase_if(blocked_, [this](const auto& sink) {
    if (!HasRoom(sink.first)) return false;
    sink.second.Callback();
    return true;
  });
}

void EncodedRows::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  WakeSinks();
}

}  // namespace tarn::engine
