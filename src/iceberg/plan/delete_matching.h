// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "iceberg/plan/scan_plan.h"

namespace tarn::iceberg {

/// Finds the data files of a plan that each delete file applies to. The data files are indexed, not
/// the delete files: a scan of one row looks at one file. Used by one thread.
class DeleteMatcher {
 public:
  /// Over the files that the plan has now, which must not move until Finish.
  explicit DeleteMatcher(ScanPlan& plan);

  /// Live entries of a delete manifest. Corruption for two vectors of one data file, for a vector
  /// that is older than its data file or of another partition (its deletes would silently have no
  /// effect), and for entries that lack what the specification requires. Unsupported for formats
  /// other than Parquet and Puffin.
  Result<> Match(const ManifestFile& line, const std::shared_ptr<const Manifest>& manifest);

  /// Leaves what was found in the plan.
  Result<> Finish();

 private:
  Result<> MatchVector(const ManifestFile& line, const DeleteFile& source);
  Result<> MatchPositions(const ManifestFile& line, const DeleteFile& source);
  Result<> MatchEquality(const ManifestFile& line, const DeleteFile& source);
  Result<> AddPositions(size_t file, const DeleteFile& source);
  /// Number of the partition, or -1 if no data file is in it.
  int32_t FindPartition(const ManifestFile& line, const DeleteFile& source) const;
  FileDeletes& DeletesOf(size_t file);

  ScanPlan& plan_;
  std::unordered_map<std::string_view, size_t> by_path_;
  std::unordered_map<std::string, int32_t> partitions_;
  std::vector<int32_t> partition_of_;                ///< by file
  std::vector<std::vector<size_t>> files_in_;        ///< by partition
  std::vector<std::shared_ptr<FileDeletes>> found_;  ///< by file, null where nothing applies
  /// Highest sequence numbers of equality deletes, by partition and for all; -1 = none.
  std::vector<int64_t> newest_equality_;
  int64_t newest_global_equality_ = -1;
};

/// The partition of a file as bytes that are equal exactly when spec and values are: values stand
/// by field id, and a promoted column's in its widest form.
std::string PartitionKey(SpecId spec_id, const PartitionSpec& spec,
                         const std::vector<Value>& tuple);

/// Whether rows of an unpartitioned spec, or one whose fields are all void.
bool IsUnpartitioned(const PartitionSpec& spec);

}  // namespace tarn::iceberg
