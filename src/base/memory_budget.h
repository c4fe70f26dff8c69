// SPDX-License-Identifier: Apache-2.0
// One limit for what all sessions, storages and caches of a process hold together. A limit for each
// of them would be no limit: their number has none.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tarn {

class MemoryBudget;

/// What one named consumer holds of a budget, as a view shows it. Bytes.
struct MemoryUsage {
  std::string consumer;
  int64_t used_bytes = 0;
  int64_t peak_bytes = 0;
  int64_t share_bytes = 0;  ///< at most this much of the budget is the consumer's
  int64_t refusals = 0;     ///< how often TryGrow said no
};

/// The bytes that one owner (a write buffer, a cache) holds; given back when it is destroyed.
/// Counts memory, it allocates none. Used by one thread at a time; any number of reservations of a
/// consumer live at once. The budget outlives it.
class MemoryReservation {
 public:
  /// Holds nothing of no budget: only assignment and destruction are allowed.
  MemoryReservation() = default;
  MemoryReservation(MemoryReservation&& other) noexcept;
  MemoryReservation& operator=(MemoryReservation&& other) noexcept;
  MemoryReservation(const MemoryReservation&) = delete;
  MemoryReservation& operator=(const MemoryReservation&) = delete;
  ~MemoryReservation();

  /// False, and nothing changed, where the budget or the consumer's share would be exceeded: the
  /// caller then writes out, evicts or refuses what it holds itself. It must not wait for others,
  /// who may be waiting for it.
  [[nodiscard]] bool TryGrow(int64_t bytes);

  /// Counts what is held already and cannot be given back now, such as the batch that has just
  /// arrived: also above the limit, so that an owner of nothing always gets on.
  void Grow(int64_t bytes);

  /// At most bytes().
  void Shrink(int64_t bytes);

  void Release() { Shrink(bytes_); }
  int64_t bytes() const { return bytes_; }

 private:
  friend class MemoryBudget;
  MemoryReservation(MemoryBudget* budget, MemoryUsage* account)
      : budget_(budget), account_(account) {}

  MemoryBudget* budget_ = nullptr;
  MemoryUsage* account_ = nullptr;
  int64_t bytes_ = 0;
};

/// Safe for use by any number of threads.
class MemoryBudget {
 public:
  explicit MemoryBudget(int64_t limit_bytes) : limit_bytes_(limit_bytes) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  /// An empty reservation of the consumer, which exists from its first reservation on. Its share is
  /// what the first call says; 0 stands for the whole budget.
  MemoryReservation Open(std::string_view consumer, int64_t share_bytes = 0);

  int64_t limit_bytes() const { return limit_bytes_; }
  int64_t used_bytes() const;
  int64_t peak_bytes() const;

  /// Every consumer there has been, by name.
  std::vector<MemoryUsage> Usage() const;

 private:
  friend class MemoryReservation;
  bool Take(MemoryUsage* account, int64_t bytes, bool above_limit);
  void Give(MemoryUsage* account, int64_t bytes);

  const int64_t limit_bytes_;
  mutable std::mutex mutex_;
  int64_t used_bytes_ = 0;                                    ///< under mutex_
  int64_t peak_bytes_ = 0;                                    ///< under mutex_
  std::map<std::string, MemoryUsage, std::less<>> accounts_;  ///< under mutex_; nodes stay in place
};

}  // namespace tarn
