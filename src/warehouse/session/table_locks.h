// SPDX-License-Identifier: Apache-2.0
// Which transactions of the account's sessions may change a table beside each other.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "base/uuid.h"
#include "warehouse/objects/object_kind.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

enum class TableLock : uint8_t {
  kAppend,  ///< publishes rows: beside everything but kOwn
  kChange,  ///< changes rows and publishes at once: beside appends
  kOwn,     ///< has a state of its own that nobody may overtake: alone
};

/// Thread-safe. Owners are told apart by an id; locks that one has do not hinder itself.
class TableLocks {
 public:
  /// Waits for its turn. 55P03 after `at_most`, 40P01 where the owners would wait for each other,
  /// 000604 once `is_cancelled`. A lock of the same owner becomes the stronger of both.
  StatementResult<> Take(const Uuid& owner, ObjectId table, TableLock lock,
                         std::chrono::milliseconds at_most,
                         const std::function<bool()>& is_cancelled);
  /// All that the owner has.
  void Release(const Uuid& owner);

 private:
  struct Held {
    Uuid owner;
    TableLock lock;
  };
  struct Wanted {
    ObjectId table;
    TableLock lock;
  };
  bool IsFree(const Uuid& owner, const Wanted& wanted) const;
  /// Whether somebody that `wanted` waits for waits, in the end, for the owner.
  bool WouldCircle(const Uuid& owner, const Wanted& wanted) const;
  void Grant(const Uuid& owner, const Wanted& wanted);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<ObjectId, std::vector<Held>> held_;
  std::map<Uuid, Wanted> waiting_;
};

}  // namespace tarn::warehouse
