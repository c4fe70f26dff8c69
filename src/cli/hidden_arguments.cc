// SPDX-License-Identifier: Apache-2.0
#include "cli/hidden_arguments.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace tarn::cli {
namespace {

constexpr char kMask = '*';

/// From the colon behind the user to the last at sign before the path; and what a parameter says.
void HidePassword(char* text) {
  const std::string_view url(text);
  const size_t begin = url.find("://");
  if (begin == std::string_view::npos) return;
  const size_t authority = begin + 3;
  const size_t end = std::min(url.find_first_of("/?", authority), url.size());
  const size_t at = url.substr(0, end).rfind('@');
  const size_t colon = url.find(':', authority);
  if (at != std::string_view::npos && colon < at) {
    std::memset(text + colon + 1, kMask, at - colon - 1);
  }
  for (size_t key = url.find("password=", end); key != std::string_view::npos;
       key = url.find("password=", key + 1)) {
    const size_t value = key + std::strlen("password=");
    const size_t stop = std::min(url.find('&', value), url.size());
    std::memset(text + value, kMask, stop - value);
  }
}

}  // namespace

std::vector<std::string> TakeArguments(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument(argv[i]);
    if (argument.find("postgres://") != std::string_view::npos ||
        argument.find("postgresql://") != std::string_view::npos) {
      HidePassword(argv[i]);
    }
  }
  return arguments;
}

}  // namespace tarn::cli
