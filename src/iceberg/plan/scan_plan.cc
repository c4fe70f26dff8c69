// SPDX-License-Identifier: Apache-2.0
#include "iceberg/plan/scan_plan.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>
#include <utility>

#include "iceberg/plan/delete_matching.h"
#include "iceberg/plan/partition_pruning.h"

namespace tarn::iceberg {
namespace {

using ManifestPtr = std::shared_ptr<const Manifest>;

// A guess for planners when nobody recorded a size.
constexpr int64_t kBytesPerRow = 64;

Result<int64_t> CheckedSum(int64_t a, int64_t b, const std::string& location) {
  int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) {
    return Fail(ErrorKind::kCorruption, "row counts of \"{}\" exceed 64 bits", location);
  }
  return sum;
}

bool IsLive(const ManifestEntry& entry) { return entry.status != EntryStatus::kDeleted; }

/// Live files and rows of a manifest, whatever its list says.
struct LiveCounts {
  int64_t files = 0;
  int64_t rows = 0;
};

Result<LiveCounts> CountLive(const Manifest& manifest, const std::string& location) {
  LiveCounts counts;
  for (const ManifestEntry& entry : manifest.entries) {
    if (!IsLive(entry)) continue;
    ++counts.files;
    TARN_ASSIGN(counts.rows, CheckedSum(counts.rows, entry.data_file.record_count, location));
  }
  return counts;
}

class Planner {
 public:
  Planner(ManifestCache& cache, std::shared_ptr<const TableMetadata> metadata,
          const Snapshot& snapshot, const ScanOptions& options)
      : cache_(cache), snapshot_(snapshot), options_(options) {
    plan_.metadata = std::move(metadata);
    // A table's newest schema reads its newest snapshot; time travel reads with the schema of its
    // time.
    const bool newest = plan_.metadata->current_snapshot_id == snapshot.id;
    schema_ = &plan_.metadata->current_schema();
    if (!newest && snapshot.schema_id) {
      if (const Schema* then = plan_.metadata->FindSchema(*snapshot.schema_id)) schema_ = then;
    }
  }

  Result<ScanPlan> Run() {
    TARN_ASSIGN(const auto list, cache_.SnapshotManifests(snapshot_));
    for (const ManifestFile& file : *list) {
      if (file.content == ManifestContent::kData) TARN_TRY(AddManifest(file));
    }
    TARN_TRY(AddDeletes(*list));
    return std::move(plan_);
  }

 private:
  Result<> AddDeletes(const std::vector<ManifestFile>& list) {
    std::optional<DeleteMatcher> matcher;
    for (const ManifestFile& file : list) {
      if (file.content != ManifestContent::kDeletes || plan_.files.empty()) continue;
      // Delete manifests that hold nothing but removed entries do no harm.
      if (file.counts_known() && file.live_files_count() == 0) continue;
      // Deletes in a partition are for data files of that partition, which the filter skipped too.
      if (!MayMatchPartitions(file)) continue;
      TARN_ASSIGN(const ManifestPtr manifest, cache_.ReadManifest(file));
      if (!matcher) matcher.emplace(plan_);
      TARN_TRY(matcher->Match(file, manifest));
    }
    return matcher ? matcher->Finish() : Result<>();
  }

  bool InRowRange(int64_t first, int64_t rows) const {
    return (!options_.row_end || first < *options_.row_end) &&
           (!options_.row_begin || first + rows > *options_.row_begin);
  }

  bool MayHoldMatches(const ManifestFile& file) const {
    return InRowRange(next_row_, file.live_rows_count()) && MayMatchPartitions(file);
  }

  bool MayMatchPartitions(const ManifestFile& file) const {
    const PartitionSpec* spec = plan_.metadata->FindPartitionSpec(file.partition_spec_id);
    return options_.filter == nullptr || spec == nullptr ||
           MayMatchSummaries(file.partitions, *schema_, *spec, *options_.filter);
  }

  bool MayHoldMatches(const Manifest& manifest, const ManifestEntry& entry) const {
    const DataFile& file = entry.data_file;
    if (!InRowRange(next_row_, file.record_count)) return false;
    return options_.filter == nullptr ||
           (MayMatchPartition(file.partition, *schema_, manifest.header.spec, *options_.filter) &&
            MayMatch(file, *schema_, *options_.filter));
  }

  Result<> AddManifest(const ManifestFile& file) {
    ++plan_.total_manifests;
    if (file.counts_known()) {
      TARN_ASSIGN(const int64_t rows,
                  CheckedSum(file.added_rows_count, file.existing_rows_count, file.manifest_path));
      TARN_TRY(CheckedSum(next_row_, rows, file.manifest_path));
      if (file.live_files_count() == 0 || !MayHoldMatches(file)) {
        ++plan_.skipped_manifests;
        plan_.total_files += file.live_files_count();
        plan_.skipped_files += file.live_files_count();
        next_row_ += rows;
        plan_.total_rows = next_row_;
        return {};
      }
    }
    TARN_ASSIGN(const ManifestPtr manifest, cache_.ReadManifest(file));
    TARN_ASSIGN(const LiveCounts counts, CountLive(*manifest, file.manifest_path));
    // Rows are numbered by the counts in the list where manifests are skipped, by the entries where
    // they are read: numbers that disagree would lead to other rows.
    if (file.counts_known() &&
        (counts.files != file.live_files_count() || counts.rows != file.live_rows_count())) {
      return Fail(ErrorKind::kCorruption,
                  "manifest \"{}\" holds {} files and {} rows, its list says {} and {}",
                  file.manifest_path, counts.files, counts.rows, file.live_files_count(),
                  file.live_rows_count());
    }
    TARN_TRY(CheckedSum(next_row_, counts.rows, file.manifest_path));
    return AddEntries(file, manifest);
  }

  Result<> AddEntries(const ManifestFile& line, const ManifestPtr& manifest) {
    const auto path = std::make_shared<const std::string>(line.manifest_path);
    for (const ManifestEntry& entry : manifest->entries) {
      if (!IsLive(entry)) continue;
      const DataFile& file = entry.data_file;
      if (file.content != FileContent::kData) {
        return Fail(ErrorKind::kCorruption,
                    "manifest \"{}\" of data files holds the delete file \"{}\"",
                    line.manifest_path, file.file_path);
      }
      ++plan_.total_files;
      if (MayHoldMatches(*manifest, entry)) {
        plan_.files.push_back({manifest, &entry, next_row_, line.partition_spec_id, nullptr, path});
        plan_.planned_rows += file.record_count;
        plan_.planned_bytes += file.file_size_bytes;
      } else {
        ++plan_.skipped_files;
      }
      next_row_ += file.record_count;
    }
    plan_.total_rows = next_row_;
    return {};
  }

  ManifestCache& cache_;
  const Snapshot& snapshot_;
  const ScanOptions& options_;
  const Schema* schema_ = nullptr;
  ScanPlan plan_;
  int64_t next_row_ = 0;
};

std::optional<int64_t> SummaryNumber(const Snapshot& snapshot, const std::string& key) {
  const auto found = snapshot.summary.find(key);
  if (found == snapshot.summary.end()) return std::nullopt;
  const std::string& text = found->second;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

Result<ScanPlan> PlanScan(const CommitContext& context,
                          std::shared_ptr<const TableMetadata> metadata,
                          const ScanOptions& options) {
  const std::optional<SnapshotId> id =
      options.snapshot ? options.snapshot : metadata->current_snapshot_id;
  if (!id) {
    ScanPlan empty;
    empty.metadata = std::move(metadata);
    return empty;
  }
  const Snapshot* snapshot = metadata->FindSnapshot(*id);
  if (snapshot == nullptr) {
    return Fail(options.snapshot ? ErrorKind::kNotFound : ErrorKind::kCorruption,
                "table \"{}\" has no snapshot {}", metadata->location, id->value());
  }
  ManifestCache uncached(context.storage, 0);
  ManifestCache& cache = context.cache != nullptr ? *context.cache : uncached;
  return Planner(cache, std::move(metadata), *snapshot, options).Run();
}

Result<TableSize> EstimateSize(const CommitContext& context, const TableMetadata& metadata) {
  const Snapshot* snapshot = metadata.current_snapshot();
  if (snapshot == nullptr) return TableSize{};
  auto rows = SummaryNumber(*snapshot, "total-records");
  auto files = SummaryNumber(*snapshot, "total-data-files");
  const auto bytes = SummaryNumber(*snapshot, "total-files-size");
  const auto deleted = SummaryNumber(*snapshot, "total-position-deletes");
  if (!rows || !files) {
    ManifestCache uncached(context.storage, 0);
    ManifestCache& cache = context.cache != nullptr ? *context.cache : uncached;
    TARN_ASSIGN(const auto list, cache.SnapshotManifests(*snapshot));
    TableSize size;
    for (const ManifestFile& file : *list) {
      if (file.content != ManifestContent::kData || !file.counts_known()) continue;
      size.files += file.live_files_count();
      TARN_ASSIGN(size.rows,
                  CheckedSum(size.rows, file.live_rows_count(), snapshot->manifest_list));
    }
    if (!rows) rows = size.rows;
    if (!files) files = size.files;
  }
  if (deleted) rows = std::max<int64_t>(*rows - *deleted, 0);
  const int64_t most = std::numeric_limits<int64_t>::max() / kBytesPerRow;
  return TableSize{.rows = *rows,
                   .files = *files,
                   .bytes = bytes.value_or(std::min(*rows, most) * kBytesPerRow)};
}

}  // namespace tarn::iceberg
