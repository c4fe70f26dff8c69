// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <unordered_map>

#include "base/saturating.h"
#include "iceberg/commit/validation.h"
#include "iceberg/plan/delete_matching.h"
#include "table/delete_scope.h"
#include "table/maintenance/file_selection.h"

namespace tarn::table {
namespace {

using iceberg::DataFile;
using iceberg::ScanFile;
using iceberg::ScanPlan;
using iceberg::Snapshot;

/// A number of a summary; absent where the writer did not say.
std::optional<int64_t> NumberOf(const Snapshot& snapshot, const char* key) {
  const auto found = snapshot.summary.find(key);
  if (found == snapshot.summary.end()) return std::nullopt;
  const std::string& text = found->second;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

/// Whether the totals of the snapshot leave nothing to choose from.
bool HoldsTooLittle(const Snapshot& snapshot, const RewriteTargets& targets,
                    const RewriteDataFilesOptions& options) {
  const auto files = NumberOf(snapshot, "total-data-files");
  const auto bytes = NumberOf(snapshot, "total-files-size");
  const auto deletes = NumberOf(snapshot, "total-delete-files");
  if (!files || !bytes || deletes != 0) return false;
  const bool few =
      *files < 2 || (*files < options.min_input_files && *bytes <= targets.target_bytes);
  return few && *bytes <= targets.max_bytes;
}

/// Whether too little came since the earlier plan. What a summary does not say came not: counts are
/// left out where they are 0.
bool BringsTooLittle(const iceberg::TableMetadata& table, const Snapshot& head,
                     const RewriteDataFilesOptions& options) {
  if (!options.planned_at) return false;
  const auto since = iceberg::SnapshotsSince(table, &head, options.planned_at);
  if (!since) return false;
  int64_t files = 0;
  for (const Snapshot* snapshot : *since) {
    // Of one that counts nothing, nothing is known.
    if (!NumberOf(*snapshot, "total-data-files")) return false;
    if (NumberOf(*snapshot, "added-delete-files").value_or(0) > 0) return false;
    files = SaturatingAdd(files, NumberOf(*snapshot, "added-data-files").value_or(0));
  }
  return files < options.min_input_files;
}

/// Equality deletes by what they reach, to count those of a file.
class EqualityCounts {
 public:
  explicit EqualityCounts(const ScanPlan& plan) {
    for (const iceberg::EqualityDelete& deletes : plan.equality_deletes) {
      sequences_[deletes.partition].push_back(deletes.source.sequence_number());
    }
    for (auto& [partition, sequences] : sequences_) std::ranges::sort(sequences);
  }

  int64_t Of(const ScanFile& file) const {
    if (file.deletes == nullptr || !file.deletes->by_equality) return 0;
    return CountAbove(std::nullopt, file) + CountAbove(file.deletes->partition, file);
  }

 private:
  int64_t CountAbove(std::optional<int32_t> partition, const ScanFile& file) const {
    const auto found = sequences_.find(partition);
    if (found == sequences_.end()) return 0;
    const auto& sequences = found->second;
    return sequences.end() - std::ranges::upper_bound(sequences, *file.entry->sequence_number);
  }

  std::map<std::optional<int32_t>, std::vector<iceberg::SequenceNumber>> sequences_;
};

bool HasTooManyDeletes(const ScanFile& file, const EqualityCounts& equality,
                       const RewriteDataFilesOptions& options) {
  if (file.deletes == nullptr) return false;
  const iceberg::FileDeletes& deletes = *file.deletes;
  const int64_t count =
      (deletes.vector ? 1 : 0) + static_cast<int64_t>(deletes.positions.size()) + equality.Of(file);
  if (count >= options.delete_file_threshold) return true;
  int64_t rows = deletes.vector ? deletes.vector->file().record_count : 0;
  for (const iceberg::DeleteFile& positions : deletes.positions) {
    if (DeletesOnlyFrom(positions.file(), file.file().file_path)) {
      rows = SaturatingAdd(rows, positions.file().record_count);
    }
  }
  return rows > 0 && static_cast<double>(rows) >=
                         options.delete_ratio_threshold *
                             static_cast<double>(std::max<int64_t>(file.file().record_count, 1));
}

bool HasUnknownTransform(const iceberg::PartitionSpec& spec) {
  return std::ranges::any_of(spec.fields, [](const iceberg::PartitionField& field) {
    return field.transform.kind == iceberg::TransformKind::kUnknown;
  });
}

iceberg::SpecId OutputSpec(const iceberg::TableMetadata& table, const ScanFile& file) {
  const iceberg::PartitionSpec* spec = table.FindPartitionSpec(table.default_spec_id);
  return spec == nullptr || HasUnknownTransform(*spec) ? file.spec_id : spec->id;
}

/// The files of `plan` that belong together, by their numbers.
RewriteGroup GroupOf(const ScanPlan& plan, const std::vector<RewriteCandidate>& files,
                     const RewriteTargets& targets) {
  RewriteGroup group;
  group.plan.metadata = plan.metadata;
  group.plan.total_rows = plan.total_rows;
  group.plan.total_files = plan.total_files;
  group.plan.skipped_files = plan.total_files - static_cast<int64_t>(files.size());
  group.output_spec_id = OutputSpec(*plan.metadata, plan.files[files.front().file]);
  std::set<int32_t> partitions;
  for (const RewriteCandidate& candidate : files) {
    const ScanFile& file = plan.files[candidate.file];
    group.plan.files.push_back(file);
    group.plan.planned_rows += file.file().record_count;
    group.input_bytes = SaturatingAdd(group.input_bytes, file.file().file_size_bytes);
    if (file.deletes != nullptr && file.deletes->by_equality) {
      partitions.insert(file.deletes->partition);
    }
  }
  group.plan.planned_bytes = group.input_bytes;
  group.output_files = ExpectedFiles(group.input_bytes, targets);
  if (partitions.empty()) return group;
  for (const iceberg::EqualityDelete& deletes : plan.equality_deletes) {
    if (!deletes.partition || partitions.contains(*deletes.partition)) {
      group.plan.equality_deletes.push_back(deletes);
    }
  }
  return group;
}

/// Whether manifests with the file can be written anew.
bool CanBeRewritten(const ScanFile& file) {
  return file.file().file_format == "PARQUET" && !HasUnknownTransform(file.manifest->header.spec);
}

/// Equal for files that may become one.
std::string KeyOf(const iceberg::TableMetadata& table, const ScanFile& file) {
  if (OutputSpec(table, file) != file.spec_id) return "";  // a partition's key is longer
  return iceberg::PartitionKey(file.spec_id, file.manifest->header.spec, file.file().partition);
}

/// Wanted files by partition, partitions in the order in which they are met.
std::vector<std::vector<RewriteCandidate>> WantedByPartition(
    const ScanPlan& plan, const RewriteTargets& targets, const RewriteDataFilesOptions& options) {
  const EqualityCounts equality(plan);
  std::vector<std::vector<RewriteCandidate>> partitions;
  std::unordered_map<std::string, size_t> numbers;
  for (size_t i = 0; i < plan.files.size(); ++i) {
    const ScanFile& file = plan.files[i];
    const RewriteCandidate candidate{.file = i,
                                     .bytes = std::max<int64_t>(file.file().file_size_bytes, 0),
                                     .for_deletes = HasTooManyDeletes(file, equality, options)};
    if (!CanBeRewritten(file) || !IsWanted(candidate, targets, options)) continue;
    const auto [known, is_new] = numbers.emplace(KeyOf(*plan.metadata, file), partitions.size());
    if (is_new) partitions.emplace_back();
    partitions[known->second].push_back(candidate);
  }
  return partitions;
}

int64_t SavedFiles(const RewriteGroup& group) {
  return static_cast<int64_t>(group.plan.files.size()) - group.output_files;
}

}  // namespace

Result<std::vector<RewriteGroup>> PlanRewriteDataFiles(const TableContext& context,
                                                       const iceberg::LoadedTable& table,
                                                       const RewriteDataFilesOptions& options) {
  TARN_ASSIGN(const RewriteTargets targets, TargetsOf(*table.metadata, options));
  const Snapshot* head = table.metadata->current_snapshot();
  if (head == nullptr) return std::vector<RewriteGroup>();
  if (!options.rewrite_all && (HoldsTooLittle(*head, targets, options) ||
                               BringsTooLittle(*table.metadata, *head, options))) {
    return std::vector<RewriteGroup>();
  }
  const iceberg::ScanOptions scan{.filter = options.filter ? &*options.filter : nullptr};
  TARN_ASSIGN(const ScanPlan plan,
              iceberg::PlanScan(MakeCommitContext(context, Uuid()), table.metadata, scan));
  std::vector<RewriteGroup> groups;
  for (const auto& wanted : WantedByPartition(plan, targets, options)) {
    for (const auto& files : GroupsOf(wanted, targets, options)) {
      groups.push_back(GroupOf(plan, files, targets));
    }
  }
  std::ranges::stable_sort(groups, std::ranges::greater(), SavedFiles);
  return groups;
}

}  // namespace tarn::table
