// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// The parser under test: any bytes, no crash, no wild read, no unbounded allocation. Returns 0.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

/// Well-formed inputs to start from.
std::vector<std::string> SeedInputs();
