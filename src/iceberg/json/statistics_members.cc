// SPDX-License-Identifier: Apache-2.0
#include "iceberg/json/statistics_members.h"

#include "iceberg/json/json_members.h"
#include "iceberg/json/metadata_fields.h"

namespace tarn::iceberg {
namespace {

std::string PathOf(const Json& entry) {
  if (!entry.is_object()) return {};
  const auto path = entry.find(field::kStatisticsPath);
  return path != entry.end() && path->is_string() ? path->get<std::string>() : std::string();
}

bool BelongsTo(const Json& entry, const std::unordered_set<SnapshotId>& snapshots) {
  if (!entry.is_object()) return false;
  const auto id = entry.find(field::kSnapshotId);
  return id != entry.end() && id->is_number_integer() &&
         snapshots.contains(SnapshotId(id->get<int64_t>()));
}

void CollectFiles(const std::string& array_json, std::vector<std::string>& files) {
  if (array_json.empty()) return;
  const Result<Json> array = ParseJson(array_json, "statistics");
  if (!array || !array->is_array()) return;
  for (const Json& entry : *array) {
    if (std::string path = PathOf(entry); !path.empty()) files.push_back(std::move(path));
  }
}

void RemoveFrom(std::string& array_json, const std::unordered_set<SnapshotId>& snapshots,
                std::vector<std::string>& removed) {
  if (array_json.empty()) return;
  const Result<Json> array = ParseJson(array_json, "statistics");
  if (!array || !array->is_array()) return;
  Json kept = Json::array();
  for (const Json& entry : *array) {
    if (!BelongsTo(entry, snapshots)) {
      kept.push_back(entry);
    } else if (std::string path = PathOf(entry); !path.empty()) {
      removed.push_back(std::move(path));
    }
  }
  if (kept.size() != array->size()) array_json = DumpJson(kept);
}

}  // namespace

std::vector<std::string> StatisticsFiles(const TableMetadata& metadata) {
  std::vector<std::string> files;
  CollectFiles(metadata.statistics_json, files);
  CollectFiles(metadata.partition_statistics_json, files);
  return files;
}

std::vector<std::string> RemoveStatistics(TableMetadata& metadata,
                                          const std::unordered_set<SnapshotId>& snapshots) {
  std::vector<std::string> removed;
  RemoveFrom(metadata.statistics_json, snapshots, removed);
  RemoveFrom(metadata.partition_statistics_json, snapshots, removed);
  return removed;
}

}  // namespace tarn::iceberg
