// SPDX-License-Identifier: Apache-2.0
#include "cli/report.h"

#include <cstdio>

namespace tarn::cli {

int ReportError(const Error& error) {
  fmt::print(stderr, "ERROR:  {}\n", error.message);
  if (!error.detail.empty()) {
    const bool ends = error.detail.back() == '\n';
    fmt::print(stderr, "DETAIL:  {}{}", error.detail, ends ? "" : "\n");
  }
  if (!error.hint.empty()) fmt::print(stderr, "HINT:  {}\n", error.hint);
  return 1;
}

void PrintNotice(std::string_view message) { fmt::print(stderr, "NOTICE:  {}\n", message); }

}  // namespace tarn::cli
