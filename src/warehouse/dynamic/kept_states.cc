// SPDX-License-Identifier: Apache-2.0
#include "warehouse/dynamic/kept_states.h"

#include <utility>

namespace tarn::warehouse {

std::unique_ptr<KeptState> KeptStates::Take(ObjectId table, const Frontier& frontier) {
  std::unique_ptr<KeptState> state;
  {
    const std::lock_guard lock(mutex_);
    const auto found = states_.find(table);
    if (found == states_.end()) return nullptr;
    state = std::move(found->second);
    states_.erase(found);
  }
  if (state->definition != frontier.definition || state->sources != frontier.sources) {
    return nullptr;
  }
  return state;
}

void KeptStates::Put(ObjectId table, std::unique_ptr<KeptState> state) {
  const std::lock_guard lock(mutex_);
  states_[table] = std::move(state);
}

void KeptStates::Drop(ObjectId table) {
  Retain([table](ObjectId each) { return each != table; });
}

void KeptStates::Retain(const std::function<bool(ObjectId)>& is_there) {
  // Dropping a large table takes its time: not under the lock.
  std::vector<std::unique_ptr<KeptState>> dropped;
  const std::lock_guard lock(mutex_);
  for (auto it = states_.begin(); it != states_.end();) {
    if (is_there(it->first)) {
      ++it;
      continue;
    }
    dropped.push_back(std::move(it->second));
    it = states_.erase(it);
  }
}

}  // namespace tarn::warehouse
