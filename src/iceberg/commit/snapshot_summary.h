// SPDX-License-Identifier: Apache-2.0
// Counters of snapshot summaries (spec, "Optional Snapshot Summary Fields").
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "iceberg/model/data_file.h"
#include "iceberg/model/manifest_file.h"
#include "iceberg/model/snapshot.h"

namespace tarn::iceberg {

/// Files that one commit adds or removes.
struct FileCounters {
  int64_t data_files = 0;
  int64_t records = 0;
  int64_t bytes = 0;  ///< of data and delete files
  int64_t position_delete_files = 0;
  int64_t position_deletes = 0;
  int64_t equality_delete_files = 0;
  int64_t equality_deletes = 0;

  void Count(const DataFile& file);
};

/// Summary of a snapshot with the manifests `manifests` that follows `parent` (null: the first).
/// Totals that neither the manifests nor the parent tell are left out. Entries of `extra` stand
/// beside the counters and never replace one.
std::map<std::string, std::string> SummarizeSnapshot(
    const Snapshot* parent, std::span<const ManifestFile> manifests, const FileCounters& added,
    const FileCounters& removed, const std::map<std::string, std::string>& extra);

}  // namespace tarn::iceberg
