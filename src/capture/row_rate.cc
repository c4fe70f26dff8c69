// SPDX-License-Identifier: Apache-2.0
#include "capture/row_rate.h"

#include <algorithm>

namespace tarn::capture {
namespace {

constexpr int64_t kWindowMs = 10'000;
/// Below, a rate says more of the moment than of the work.
constexpr int64_t kSpanLeastMs = 500;
constexpr double kMsPerSecond = 1000;

}  // namespace

void RowRate::Add(int64_t rows, int64_t now_ms) {
  if (rows <= 0) return;
  while (!added_.empty() && added_.front().ms <= now_ms - kWindowMs) added_.pop_front();
  if (added_.empty()) begun_ms_ = now_ms;
  added_.push_back({now_ms, rows});
}

double RowRate::PerSecond(int64_t now_ms) const {
  int64_t rows = 0;
  for (const Rows& each : added_) {
    if (each.ms > now_ms - kWindowMs) rows += each.rows;
  }
  const int64_t span_ms = std::clamp(now_ms - begun_ms_, kSpanLeastMs, kWindowMs);
  return static_cast<double>(rows) * kMsPerSecond / static_cast<double>(span_ms);
}

}  // namespace tarn::capture
