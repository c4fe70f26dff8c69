// SPDX-License-Identifier: Apache-2.0
#include "cli/progress_line.h"

#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cstdio>

namespace tarn::cli {
namespace {

constexpr std::chrono::milliseconds kPause{200};
constexpr const char* kClearLine = "\r\x1b[K";

std::string TextOf(const table::Progress& progress) {
  if (progress.total <= 0) {
    return progress.done > 0 ? fmt::format("{}: {}", progress.action, progress.done)
                             : progress.action;
  }
  const double part = static_cast<double>(progress.done) / static_cast<double>(progress.total);
  return fmt::format("{}: {:.0f} %", progress.action, part * 100);
}

}  // namespace

ProgressLine::ProgressLine() : on_terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() { Clear(); }

void ProgressLine::Show(const table::Progress& progress) {
  const auto now = std::chrono::steady_clock::now();
  if (!on_terminal_ || (progress.action == action_ && now < next_)) return;
  action_ = progress.action;
  next_ = now + kPause;
  shown_ = true;
  fmt::print(stderr, "{}{}", kClearLine, TextOf(progress));
  std::fflush(stderr);
}

void ProgressLine::Clear() {
  if (!shown_) return;
  shown_ = false;
  action_.clear();
  fmt::print(stderr, "{}", kClearLine);
  std::fflush(stderr);
}

std::string SizeText(int64_t bytes) {
  constexpr std::array kUnits = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
  auto size = static_cast<double>(bytes);
  size_t unit = 0;
  for (; size >= 1000 && unit + 1 < kUnits.size(); ++unit) size /= 1000;
  return unit == 0 ? fmt::format("{} bytes", bytes) : fmt::format("{:.1f} {}", size, kUnits[unit]);
}

}  // namespace tarn::cli
