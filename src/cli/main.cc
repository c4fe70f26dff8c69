// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

int main() {
  fmt::print("tarn {}\n", TARN_VERSION);
  return 0;
}
