// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target on files, or on seeded mutations of its seed inputs.
#include <fmt/core.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/target.h"

namespace {

constexpr int kDefaultRuns = 20'000;
constexpr int kMaxEdits = 8;

void Run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

void Edit(std::string& input, const std::vector<std::string>& seeds, std::mt19937_64& random) {
  const auto position = [&] { return input.empty() ? 0 : random() % input.size(); };
  switch (random() % 6) {
    case 0:
      if (!input.empty()) input[position()] = static_cast<char>(random());
      break;
    case 1:
      if (!input.empty()) input[position()] ^= static_cast<char>(1U << (random() % 8));
      break;
    case 2:
      input.insert(position(), 1 + random() % 9, static_cast<char>(random()));
      break;
    case 3:
      if (!input.empty()) input.erase(position(), 1 + random() % 16);
      break;
    case 4:
      if (!input.empty()) input.resize(position());
      break;
    default: {
      const std::string& other = seeds[random() % seeds.size()];
      if (other.empty()) break;
      const size_t from = random() % other.size();
      input.insert(position(), other.substr(from, 1 + random() % 64));
    }
  }
}

void RunMutations(uint64_t seed, int runs) {
  const std::vector<std::string> seeds = SeedInputs();
  fmt::print("seed {}: {} mutations of {} inputs\n", seed, runs, seeds.size());
  for (const std::string& input : seeds) Run(input);
  std::mt19937_64 random(seed);
  for (int i = 0; i < runs; ++i) {
    std::string input = seeds[random() % seeds.size()];
    for (uint64_t edits = 1 + random() % kMaxEdits; edits > 0; --edits) Edit(input, seeds, random);
    Run(input);
  }
}

}  // namespace

int main(int argc, char** argv) {
  uint64_t seed = 1;
  int runs = kDefaultRuns;
  bool files = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--seed" && i + 1 < argc) {
      seed = std::strtoull(argv[++i], nullptr, 10);
    } else if (argument == "--runs" && i + 1 < argc) {
      runs = std::atoi(argv[++i]);
    } else {
      files = true;
      std::ifstream in(argv[i], std::ios::binary);
      Run(std::string(std::istreambuf_iterator<char>(in), {}));
    }
  }
  if (!files) RunMutations(seed, runs);
  return 0;
}
