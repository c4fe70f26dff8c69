// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/result_shelf.h"

#include "base/uuid.h"

namespace tarn::server::snowflake {

std::string ResultShelf::Put(const ShelvedResult& result, int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, known] : results_) {
    if (known->rows == result.rows && known->as_arrow == result.as_arrow) return name;
  }
  const std::string name = Uuid::Random().ToString();
  bytes_ += result.rows->bytes();
  results_.emplace(name, std::make_shared<const ShelvedResult>(result));
  order_.push_back({name, now_ms});
  while (order_.size() > 1 &&
         (bytes_ > bytes_max_ || order_.front().put_ms + age_max_ms_ < now_ms)) {
    const auto found = results_.find(order_.front().name);
    bytes_ -= found->second->rows->bytes();
    results_.erase(found);
    order_.pop_front();
  }
  return name;
}

std::shared_ptr<const ShelvedResult> ResultShelf::Find(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto found = results_.find(name);
  return found == results_.end() ? nullptr : found->second;
}

}  // namespace tarn::server::snowflake
