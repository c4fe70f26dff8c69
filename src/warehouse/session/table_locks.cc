// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/table_locks.h"

#include <algorithm>
#include <set>

#include "warehouse/session/failures.h"

namespace tarn::warehouse {
namespace {

using Clock = std::chrono::steady_clock;

/// How soon a cancel is noticed.
constexpr std::chrono::milliseconds kLook{20};

bool GoTogether(TableLock a, TableLock b) {
  if (a == TableLock::kOwn || b == TableLock::kOwn) return false;
  return a == TableLock::kAppend || b == TableLock::kAppend;
}

StatementFailure Failed(const char* sqlstate, const char* message) {
  return std::unexpected(StatementError{
      .error = {ErrorKind::kUnavailable, message, {}, {}}, .code = {}, .sqlstate = sqlstate});
}

}  // namespace

bool TableLocks::IsFree(const Uuid& owner, const Wanted& wanted) const {
  const auto held = held_.find(wanted.table);
  if (held == held_.end()) return true;
  return std::ranges::all_of(held->second, [&](const Held& each) {
    return each.owner == owner || GoTogether(each.lock, wanted.lock);
  });
}

bool TableLocks::WouldCircle(const Uuid& owner, const Wanted& wanted) const {
  std::set<Uuid> seen;
  std::vector<std::pair<Uuid, Wanted>> open = {{owner, wanted}};
  while (!open.empty()) {
    const auto [waiter, what] = open.back();
    open.pop_back();
    const auto held = held_.find(what.table);
    if (held == held_.end()) continue;
    for (const Held& each : held->second) {
      if (each.owner == waiter || GoTogether(each.lock, what.lock)) continue;
      if (each.owner == owner) return true;
      const auto next = waiting_.find(each.owner);
      if (next == waiting_.end() || !seen.insert(each.owner).second) continue;
      open.emplace_back(each.owner, next->second);
    }
  }
  return false;
}

void TableLocks::Grant(const Uuid& owner, const Wanted& wanted) {
  std::vector<Held>& held = held_[wanted.table];
  const auto own = std::ranges::find(held, owner, &Held::owner);
  if (own == held.end()) {
    held.push_back({owner, wanted.lock});
  } else {
    own->lock = std::max(own->lock, wanted.lock);
  }
}

StatementResult<> TableLocks::Take(const Uuid& owner, ObjectId table, TableLock lock,
                                   std::chrono::milliseconds at_most,
                                   const std::function<bool()>& is_cancelled) {
  const Wanted wanted{table, lock};
  const Clock::time_point end = Clock::now() + at_most;
  std::unique_lock guard(mutex_);
  while (!IsFree(owner, wanted)) {
    waiting_.insert_or_assign(owner, wanted);
    StatementResult<> failure;
    if (WouldCircle(owner, wanted)) {
      failure = Failed("40P01", "deadlock: transactions wait for each other's tables");
    } else if (is_cancelled != nullptr && is_cancelled()) {
      failure = Cancelled();
    } else if (Clock::now() >= end) {
      failure = Failed("55P03", "another transaction changes the table: LOCK_TIMEOUT is over");
    }
    if (!failure) {
      waiting_.erase(owner);
      return failure;
    }
    changed_.wait_for(guard, kLook);
  }
  waiting_.erase(owner);
  Grant(owner, wanted);
  return {};
}

void TableLocks::Release(const Uuid& owner) {
  const std::lock_guard guard(mutex_);
  for (auto& [table, held] : held_) {
    std::erase_if(held, [&](const Held& each) { return each.owner == owner; });
  }
  std::erase_if(held_, [](const auto& entry) { return entry.second.empty(); });
  changed_.notify_all();
}

}  // namespace tarn::warehouse
