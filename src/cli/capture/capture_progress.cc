// SPDX-License-Identifier: Apache-2.0
#include "cli/capture/capture_progress.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace tarn::cli {
namespace {

constexpr const char* kCopying = "COPYING";
constexpr const char* kStreaming = "STREAMING";

std::string RowsText(const CapturedTableState& table) {
  const bool estimated = table.rows_estimated.value_or(0) > 0;
  if (table.state == kCopying && estimated) {
    const double part =
        100.0 * static_cast<double>(table.rows_copied) / static_cast<double>(*table.rows_estimated);
    return fmt::format("{} ({:.0f} %)", table.rows_copied, std::min(part, 100.0));
  }
  return std::to_string(table.rows_copied);
}

std::string LineOf(const CapturedTableState& table, size_t name_width) {
  const std::string lag = table.state == kStreaming ? LagText(table.lag_seconds) : "-";
  std::string line = fmt::format(
      "{:{}}  {:10} {:>20} {:>12} {:>10.0f} {:>9}", table.name.schema + "." + table.name.table,
      name_width, table.state, RowsText(table), table.rows_applied, table.rows_per_second, lag);
  if (!table.error.empty()) line += "  " + table.error;
  return line;
}

}  // namespace

std::string LagText(const std::optional<double>& seconds) {
  constexpr double kMinute = 60, kHour = 3600;
  if (!seconds) return "-";
  if (*seconds < kMinute) return fmt::format("{:.1f} s", *seconds);
  if (*seconds < kHour) return fmt::format("{:.0f} min", *seconds / kMinute);
  return fmt::format("{:.1f} h", *seconds / kHour);
}

std::vector<std::string> TableLines(const std::vector<CapturedTableState>& tables) {
  constexpr size_t kNameLeast = 24;
  size_t width = kNameLeast;
  for (const CapturedTableState& table : tables) {
    width = std::max(width, table.name.schema.size() + table.name.table.size() + 1);
  }
  std::vector<std::string> lines{fmt::format("{:{}}  {:10} {:>20} {:>12} {:>10} {:>9}", "TABLE",
                                             width, "STATE", "COPIED", "APPLIED", "ROWS/S", "LAG")};
  for (const CapturedTableState& table : tables) lines.push_back(LineOf(table, width));
  return lines;
}

CaptureProgress::CaptureProgress() : on_terminal_(isatty(STDOUT_FILENO) == 1) {}

void CaptureProgress::Show(const std::vector<CapturedTableState>& tables) {
  if (on_terminal_) {
    // Up to where it began, and every line anew.
    if (drawn_ > 0) fmt::print("\x1b[{}A", drawn_);
    const std::vector<std::string> lines = TableLines(tables);
    for (const std::string& line : lines) fmt::print("\x1b[2K{}\n", line);
    drawn_ = lines.size();
  } else {
    for (const CapturedTableState& table : tables) {
      const std::string state = table.state + table.error;
      if (std::exchange(told_[table.name], state) == state) continue;
      fmt::print("{}\n", LineOf(table, 0));
    }
  }
  std::fflush(stdout);
}

}  // namespace tarn::cli
