// SPDX-License-Identifier: Apache-2.0
#include "warehouse/connector/capture_board.h"

#include <utility>

namespace tarn::warehouse {

void CaptureBoard::Post(DataSourceId source, Ask ask) {
  const std::scoped_lock lock(mutex_);
  asked_[source] = std::move(ask);
}

void CaptureBoard::Withdraw(DataSourceId source) {
  const std::scoped_lock lock(mutex_);
  asked_.erase(source);
}

CaptureStatuses CaptureBoard::Read() const {
  const std::scoped_lock lock(mutex_);
  CaptureStatuses statuses;
  for (const auto& [source, ask] : asked_) {
    if (auto status = ask()) statuses.emplace(source, *std::move(status));
  }
  return statuses;
}

}  // namespace tarn::warehouse
