// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace tarn {

/// Milliseconds since 1970 by the machine's clock, as Iceberg's timestamps count them. May go back.
inline int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Where whoever keeps retentions and schedules gets the time, so that tests of days run in
/// seconds. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  /// As tarn::NowMs.
  virtual int64_t NowMs() const = 0;
};

class SystemClock final : public Clock {
 public:
  int64_t NowMs() const override { return tarn::NowMs(); }
};

}  // namespace tarn
