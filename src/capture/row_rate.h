// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>

namespace tarn::capture {

/// How many rows came per second, of late. Used by one thread.
class RowRate {
 public:
  void Add(int64_t rows, int64_t now_ms);
  /// Over the last ten seconds, or since the first row where that is less.
  double PerSecond(int64_t now_ms) const;

 private:
  struct Rows {
    int64_t ms = 0, rows = 0;
  };
  std::deque<Rows> added_;
  int64_t begun_ms_ = 0;
};

}  // namespace tarn::capture
