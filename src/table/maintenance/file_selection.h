// SPDX-License-Identifier: Apache-2.0
// Which files of a partition are worth rewriting together, by their sizes and deletes alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "iceberg/model/table_metadata.h"
#include "table/maintenance/rewrite_data_files.h"

namespace tarn::table {

/// What a rewrite of one table aims at: its options over its properties, in bytes.
struct RewriteTargets {
  int64_t target_bytes = 0;
  int64_t min_bytes = 0;
  int64_t max_bytes = 0;
};

/// InvalidArgument for options that make no sense.
Result<RewriteTargets> TargetsOf(const iceberg::TableMetadata& table,
                                 const RewriteDataFilesOptions& options);

/// Files that `bytes` of input become. Rounded down while that makes them no more than a tenth
/// larger than the target, since a small rest would have to be rewritten again.
int64_t ExpectedFiles(int64_t bytes, const RewriteTargets& targets);

/// A file of a partition, in row order.
struct RewriteCandidate {
  size_t file = 0;  ///< the caller's number
  int64_t bytes = 0;
  bool for_deletes = false;  ///< whatever its size
};

/// True for files to rewrite if enough come together.
bool IsWanted(const RewriteCandidate& candidate, const RewriteTargets& targets,
              const RewriteDataFilesOptions& options);

/// Groups of the wanted files of one partition that are worth a rewrite, each in the order given.
std::vector<std::vector<RewriteCandidate>> GroupsOf(const std::vector<RewriteCandidate>& wanted,
                                                    const RewriteTargets& targets,
                                                    const RewriteDataFilesOptions& options);

}  // namespace tarn::table
