// SPDX-License-Identifier: Apache-2.0
#include "table/maintenance/file_selection.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/saturating.h"
#include "iceberg/model/table_properties.h"

namespace tarn::table {
namespace {

using Candidates = std::vector<RewriteCandidate>;

constexpr int64_t kDefaultTargetBytes = int64_t{512} << 20;
// Of Java's planner: how much larger than the target files may become so that there is one less.
constexpr double kTolerance = 1.1;

int64_t BytesOf(const Candidates& files) {
  int64_t bytes = 0;
  for (const RewriteCandidate& file : files) bytes = SaturatingAdd(bytes, file.bytes);
  return bytes;
}

bool IsSmall(const RewriteCandidate& file, const RewriteTargets& targets) {
  return file.bytes < targets.min_bytes && !file.for_deletes;
}

/// Size of the largest small file that may come along, the most for which all grow enough; -1 where
/// none may.
int64_t LargestThatGrows(const Candidates& files, const RewriteTargets& targets,
                         double min_growth) {
  std::vector<int64_t> sizes;
  for (const RewriteCandidate& file : files) {
    if (IsSmall(file, targets)) sizes.push_back(file.bytes);
  }
  std::ranges::sort(sizes);
  int64_t largest = -1;
  int64_t sum = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    sum = SaturatingAdd(sum, sizes[i]);
    if (i + 1 < sizes.size() && sizes[i + 1] == sizes[i]) continue;  // all of one size or none
    const bool grows = static_cast<double>(sum) >= min_growth * static_cast<double>(sizes[i]);
    if (grows || sum >= targets.min_bytes) largest = sizes[i];
  }
  return largest;
}

bool IsWorthIt(const Candidates& files, const RewriteTargets& targets,
               const RewriteDataFilesOptions& options) {
  if (files.empty()) return false;
  if (options.rewrite_all || std::ranges::any_of(files, &RewriteCandidate::for_deletes)) {
    return true;
  }
  const int64_t bytes = BytesOf(files);
  const bool enough =
      std::cmp_greater_equal(files.size(), options.min_input_files) || bytes > targets.target_bytes;
  return (files.size() > 1 && enough) || bytes > targets.max_bytes;
}

/// Runs of files that fit a group.
std::vector<Candidates> PackInOrder(const Candidates& wanted,
                                    const RewriteDataFilesOptions& options) {
  std::vector<Candidates> bins;
  int64_t bytes = 0;
  for (const RewriteCandidate& file : wanted) {
    bytes = SaturatingAdd(bytes, file.bytes);
    if (bins.empty() || bytes > options.max_group_bytes ||
        std::cmp_greater_equal(bins.back().size(), options.max_group_files)) {
      bins.emplace_back();
      bytes = file.bytes;
    }
    bins.back().push_back(file);
  }
  return bins;
}

}  // namespace

Result<RewriteTargets> TargetsOf(const iceberg::TableMetadata& table,
                                 const RewriteDataFilesOptions& options) {
  int64_t target = options.target_file_size_bytes;
  if (target == 0) {
    target = iceberg::NumberProperty(table, "write.target-file-size-bytes", kDefaultTargetBytes);
  }
  if (target <= 0 || options.max_group_bytes <= 0 || options.max_group_files <= 0) {
    return Fail(ErrorKind::kInvalidArgument, "sizes of a rewrite must be above 0");
  }
  if (!(options.min_file_size_ratio >= 0 && options.min_file_size_ratio < 1) ||
      !(options.max_file_size_ratio > 1)) {
    return Fail(ErrorKind::kInvalidArgument,
                "the sizes between which files stay must lie on both sides of the target");
  }
  if (options.min_input_files < 1 || options.delete_file_threshold < 1 ||
      !(options.delete_ratio_threshold > 0) || !(options.min_growth >= 0)) {
    return Fail(ErrorKind::kInvalidArgument, "thresholds of a rewrite must be above 0");
  }
  target = std::min(target, options.max_group_bytes);
  const auto scaled = [&](double ratio) {
    const double bytes = std::ceil(static_cast<double>(target) * ratio);
    constexpr double kMost = 9e18;
    return static_cast<int64_t>(std::min(bytes, kMost));
  };
  return RewriteTargets{.target_bytes = target,
                        .min_bytes = scaled(options.min_file_size_ratio),
                        .max_bytes = scaled(options.max_file_size_ratio)};
}

int64_t ExpectedFiles(int64_t bytes, const RewriteTargets& targets) {
  const int64_t whole = bytes / targets.target_bytes;
  const int64_t rest = bytes % targets.target_bytes;
  if (whole == 0) return 1;
  if (rest == 0) return whole;
  const double average = static_cast<double>(bytes) / static_cast<double>(whole);
  const int64_t halfway = targets.target_bytes + (targets.max_bytes - targets.target_bytes) / 2;
  const double most = std::min(kTolerance * static_cast<double>(targets.target_bytes),
                               static_cast<double>(halfway));
  return rest <= targets.min_bytes && average < most ? whole : whole + 1;
}

bool IsWanted(const RewriteCandidate& candidate, const RewriteTargets& targets,
              const RewriteDataFilesOptions& options) {
  return options.rewrite_all || candidate.for_deletes || candidate.bytes < targets.min_bytes ||
         candidate.bytes > targets.max_bytes;
}

std::vector<Candidates> GroupsOf(const Candidates& wanted, const RewriteTargets& targets,
                                 const RewriteDataFilesOptions& options) {
  std::vector<Candidates> groups;
  for (Candidates& bin : PackInOrder(wanted, options)) {
    if (options.min_growth > 0 && !options.rewrite_all) {
      const int64_t largest = LargestThatGrows(bin, targets, options.min_growth);
      std::erase_if(bin, [&](const RewriteCandidate& file) {
        return IsSmall(file, targets) && file.bytes > largest;
      });
    }
    if (IsWorthIt(bin, targets, options)) groups.push_back(std::move(bin));
  }
  return groups;
}

}  // namespace tarn::table
