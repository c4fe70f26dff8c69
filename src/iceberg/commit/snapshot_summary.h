// SPDX-License-Identifier: Apache-2.0
// Counters of snapshot summaries (spec, "Optional Snapshot Summary Fields").
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "iceberg/model/data_file.h"
#include "iceberg/model/manifest_file.h"
#include "iceberg/model/partition_spec.h"
#include "iceberg/model/schema.h"
#include "iceberg/model/snapshot.h"

namespace tarn::iceberg {

/// Files that one commit adds or removes. Sums that leave 64 bits stay at the end of them, and are
/// left out of summaries.
struct FileCounters {
  int64_t data_files = 0;
  int64_t records = 0;
  int64_t bytes = 0;  ///< of data and delete files; of a deletion vector only its blob
  int64_t position_delete_files = 0;
  int64_t deletion_vectors = 0;
  int64_t position_deletes = 0;  ///< in files and vectors
  int64_t equality_delete_files = 0;
  int64_t equality_deletes = 0;

  void Count(const DataFile& file);
  int64_t delete_files() const {
    return position_delete_files + deletion_vectors + equality_delete_files;
  }
  bool empty() const { return data_files + delete_files() == 0; }
};

/// What a commit adds and removes, in all and by partition.
class SnapshotCounters {
 public:
  /// `schema` gives the types of partition values. It outlives the object.
  explicit SnapshotCounters(const Schema& schema) : schema_(schema) {}

  void Add(const PartitionSpec& spec, const DataFile& file);
  void Remove(const PartitionSpec& spec, const DataFile& file);
  /// Data files of an unpartitioned spec that nobody looked at one by one.
  void AddUnpartitioned(const FileCounters& files);

  const FileCounters& added() const { return added_; }
  const FileCounters& removed() const { return removed_; }

  /// Counters, changed partitions and, where there are no more than `partition_limit` of them, what
  /// changed in each.
  void Put(std::map<std::string, std::string>& summary, int64_t partition_limit) const;

 private:
  struct Partition {
    FileCounters added, removed;
  };
  Partition& PartitionOf(const PartitionSpec& spec, const DataFile& file);

  const Schema& schema_;
  FileCounters added_;
  FileCounters removed_;
  std::map<std::string, Partition> partitions_;  ///< by path
};

/// Totals of a snapshot with the manifests `manifests` that follows `parent` (null: the first).
/// Those that neither the manifests nor the parent tell are left out.
void PutTotals(std::map<std::string, std::string>& summary, const Snapshot* parent,
               std::span<const ManifestFile> manifests, const SnapshotCounters& counters);

/// Size of a file, as summaries count it.
int64_t ContentSizeBytes(const DataFile& file);

}  // namespace tarn::iceberg
