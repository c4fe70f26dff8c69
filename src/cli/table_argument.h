// SPDX-License-Identifier: Apache-2.0
// How commands name a table.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "base/result.h"
#include "storage/storage.h"

namespace tarn::cli {

/// What the user typed.
struct TableArgument {
  std::string what;  ///< a location, a path, or a table
  std::string instance;
  std::string buckets;
  std::string data;
};

/// What is read, and what its s3:// locations mean.
struct TableTarget {
  std::string location;  ///< a metadata file or a table directory
  std::string buckets;
};

/// The argument and its options. `argument` outlives the parsing.
void AddTableArgument(CLI::App& command, TableArgument& argument);

/// Whether a table of an instance is meant.
bool IsTableOfInstance(const TableArgument& argument);

/// Asks the instance where one is meant; this process runs as the servers' account from then on.
Result<TableTarget> FindTable(const TableArgument& argument);

/// What is read may be anywhere: it is only read, by the user who names it.
Result<std::unique_ptr<storage::Storage>> OpenStorage(const TableTarget& target);

}  // namespace tarn::cli
