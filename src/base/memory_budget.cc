// SPDX-License-Identifier: Apache-2.0
#include "base/memory_budget.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tarn {

MemoryReservation::MemoryReservation(MemoryReservation&& other) noexcept
    : budget_(std::exchange(other.budget_, nullptr)),
      account_(std::exchange(other.account_, nullptr)),
      bytes_(std::exchange(other.bytes_, 0)) {}

MemoryReservation& MemoryReservation::operator=(MemoryReservation&& other) noexcept {
  if (this == &other) return *this;
  if (budget_ != nullptr) Release();
  budget_ = std::exchange(other.budget_, nullptr);
  account_ = std::exchange(other.account_, nullptr);
  bytes_ = std::exchange(other.bytes_, 0);
  return *this;
}

MemoryReservation::~MemoryReservation() {
  if (budget_ != nullptr) Release();
}

bool MemoryReservation::TryGrow(int64_t bytes) {
  if (!budget_->Take(account_, bytes, /*above_limit=*/false)) return false;
  bytes_ += bytes;
  return true;
}

void MemoryReservation::Grow(int64_t bytes) {
  budget_->Take(account_, bytes, /*above_limit=*/true);
  bytes_ += bytes;
}

void MemoryReservation::Shrink(int64_t bytes) {
  assert(bytes >= 0 && bytes <= bytes_);
  budget_->Give(account_, bytes);
  bytes_ -= bytes;
}

MemoryReservation MemoryBudget::Open(std::string_view consumer, int64_t share_bytes) {
  const std::lock_guard lock(mutex_);
  auto found = accounts_.find(consumer);
  if (found == accounts_.end()) {
    const int64_t share = share_bytes > 0 ? std::min(share_bytes, limit_bytes_) : limit_bytes_;
    MemoryUsage account{.consumer = std::string(consumer), .share_bytes = share};
    found = accounts_.emplace(consumer, std::move(account)).first;
  }
  return {this, &found->second};
}

int64_t MemoryBudget::used_bytes() const {
  const std::lock_guard lock(mutex_);
  return used_bytes_;
}

int64_t MemoryBudget::peak_bytes() const {
  const std::lock_guard lock(mutex_);
  return peak_bytes_;
}

std::vector<MemoryUsage> MemoryBudget::Usage() const {
  const std::lock_guard lock(mutex_);
  std::vector<MemoryUsage> usage;
  usage.reserve(accounts_.size());
  for (const auto& [name, account] : accounts_) usage.push_back(account);
  return usage;
}

bool MemoryBudget::Take(MemoryUsage* account, int64_t bytes, bool above_limit) {
  assert(bytes >= 0);
  const std::lock_guard lock(mutex_);
  // Compared as differences: a hostile size must not wrap.
  const bool fits =
      bytes <= limit_bytes_ - used_bytes_ && bytes <= account->share_bytes - account->used_bytes;
  if (!fits && !above_limit) {
    ++account->refusals;
    return false;
  }
  used_bytes_ += bytes;
  peak_bytes_ = std::max(peak_bytes_, used_bytes_);
  account->used_bytes += bytes;
  account->peak_bytes = std::max(account->peak_bytes, account->used_bytes);
  return true;
}

void MemoryBudget::Give(MemoryUsage* account, int64_t bytes) {
  const std::lock_guard lock(mutex_);
  used_bytes_ -= bytes;
  account->used_bytes -= bytes;
}

}  // namespace tarn
