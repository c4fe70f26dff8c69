// SPDX-License-Identifier: Apache-2.0
// Where the pointer to a table's current metadata lives, and the one atomic step that moves it. The
// iceberg module only prepares; table/commit.h drives; a publisher publishes.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "catalog/table_name.h"

namespace tarn::catalog {

/// Moves one pointer. A plain value.
struct PointerSwap {
  TableName table;
  std::string expected_location;  ///< the pointer's value now; "" = the table does not exist
  std::string new_location;       ///< "" = the table goes
};

/// Thread-safe.
class Publisher {
 public:
  virtual ~Publisher() = default;

  /// The newest metadata location of each table, in order; "" where there is no such table. Of one
  /// moment, as far as the catalog can give that.
  virtual Result<std::vector<std::string>> Newest(std::span<const TableName> tables) = 0;

  /// All swaps or none, durable at return. Conflict: a pointer is not what was expected, certainly
  /// nothing happened. CommitStateUnknown: may have happened, or may still happen. Every other
  /// error: certainly not. `commit` names the attempt, for publishers that record it.
  virtual Result<> Publish(const Uuid& commit, std::span<const PointerSwap> swaps) = 0;
};

}  // namespace tarn::catalog
