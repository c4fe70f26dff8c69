// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/batch.h"
#include "base/value.h"

namespace tarn::server {

/// A value of a column; `parts` are those of the carriers that are structs.
struct Cell {
  bool null = true;
  Value value;
  std::vector<int64_t> parts;
};

/// Rows of cells → an encoded batch. Every row has a cell for each carrier.
std::vector<uint8_t> BuildBatch(std::span<const Type> carriers,
                                const std::vector<std::vector<Cell>>& rows);

}  // namespace tarn::server
